"""A role-assignable group, its settings and an eligibility by msgraph-sdk."""

import asyncio
import datetime
import os

from azure.identity.aio import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import (
    AzureIdentityAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.directory_objects.item.check_member_groups.check_member_groups_post_request_body import (
    CheckMemberGroupsPostRequestBody,
)
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.identity_governance.privileged_access.group.eligibility_schedules.eligibility_schedules_request_builder import (
    EligibilitySchedulesRequestBuilder,
)
from msgraph.generated.models.expiration_pattern import ExpirationPattern
from msgraph.generated.models.expiration_pattern_type import ExpirationPatternType
from msgraph.generated.models.group import Group
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.privileged_access_group_eligibility_schedule_request import (
    PrivilegedAccessGroupEligibilityScheduleRequest,
)
from msgraph.generated.models.privileged_access_group_relationships import PrivilegedAccessGroupRelationships
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.request_schedule import RequestSchedule
from msgraph.generated.models.schedule_request_actions import ScheduleRequestActions
from msgraph.generated.models.unified_role_management_policy_expiration_rule import (
    UnifiedRoleManagementPolicyExpirationRule,
)
from msgraph.generated.policies.role_management_policy_assignments.role_management_policy_assignments_request_builder import (
    RoleManagementPolicyAssignmentsRequestBuilder,
)
from msgraph.generated.users.users_request_builder import UsersRequestBuilder

ORIGIN = os.environ["SIM_ORIGIN"]


def asking(builder, **parameters):
    """The options of a list."""
    name = next(name for name in vars(builder) if name.endswith("GetQueryParameters"))
    return RequestConfiguration(query_parameters=getattr(builder, name)(**parameters))


async def refused(code, asked):
    """Awaits something that must fail with this code."""
    try:
        await asked
    except ODataError as error:
        assert error.error.code == code, error.error
    else:
        raise AssertionError(f"{code} was expected")


async def found(graph, name):
    """Finds a group by its name in the way of advanced queries."""
    query = asking(GroupsRequestBuilder, filter=f"displayName eq '{name}'", count=True, select=["id", "displayName"])
    query.headers.add("ConsistencyLevel", "eventual")
    listed = await graph.groups.get(query)
    assert listed.odata_count == len(listed.value), listed
    return [one.id for one in listed.value]


async def user(graph, name):
    """The id of a user."""
    query = asking(UsersRequestBuilder, filter=f"userPrincipalName eq '{name}'", select=["id"])
    [one] = (await graph.users.get(query)).value
    return one.id


async def members(graph, group, principal):
    """Adds, checks and removes a member."""
    reference = ReferenceCreate(odata_id=f"{ORIGIN}/v1.0/directoryObjects/{principal}")
    listed = graph.groups.by_group_id(group).members
    await listed.ref.post(reference)
    assert [one.id for one in (await listed.get()).value] == [principal]
    about = graph.directory_objects.by_directory_object_id(principal)
    checked = await about.check_member_groups.post(CheckMemberGroupsPostRequestBody(group_ids=[group]))
    assert checked.value == [group], checked
    await listed.by_directory_object_id(principal).ref.delete()
    assert (await listed.get()).value == []


def eligibility(group, principal, **expiration):
    """A request for an eligible membership."""
    return PrivilegedAccessGroupEligibilityScheduleRequest(
        access_id=PrivilegedAccessGroupRelationships.Member,
        principal_id=principal,
        group_id=group,
        action=ScheduleRequestActions.AdminAssign,
        justification="by a test",
        schedule_info=RequestSchedule(
            start_date_time=datetime.datetime.now(datetime.timezone.utc),
            expiration=ExpirationPattern(**expiration),
        ),
    )


async def eligible(graph, group, principal):
    """Makes an eligibility that ends, which nothing but a filtered list shows."""
    pim = graph.identity_governance.privileged_access.group
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=30)
    until = {"type": ExpirationPatternType.AfterDateTime, "end_date_time": end}
    made = await pim.eligibility_schedule_requests.post(eligibility(group, principal, **until))
    assert made.status == "Provisioned" and made.created_date_time is not None, made
    again = pim.eligibility_schedule_requests.post(eligibility(group, principal, **until))
    await refused("RoleAssignmentExists", again)
    query = asking(EligibilitySchedulesRequestBuilder, filter=f"groupId eq '{group}'")
    [schedule] = (await pim.eligibility_schedules.get(query)).value
    assert schedule.principal_id == principal and schedule.member_type.value == "direct", schedule
    assert abs(schedule.schedule_info.expiration.end_date_time - end) < datetime.timedelta(seconds=1), schedule
    await refused("MissingParameters", pim.eligibility_schedules.get())


async def settings(graph, group, principal):
    """Allows eligibilities without an end, which were refused before."""
    pim = graph.identity_governance.privileged_access.group
    endless = {"type": ExpirationPatternType.NoExpiration}
    ask = pim.eligibility_schedule_requests
    await refused(
        "RoleAssignmentRequestPolicyValidationFailed", ask.post(eligibility(group, principal, **endless))
    )
    policies = graph.policies
    query = asking(
        RoleManagementPolicyAssignmentsRequestBuilder,
        filter=f"scopeId eq '{group}' and scopeType eq 'Group' and roleDefinitionId eq 'member'",
        expand=["policy($expand=rules)"],
    )
    [assigned] = (await policies.role_management_policy_assignments.get(query)).value
    rule = next(one for one in assigned.policy.rules if one.id == "Expiration_Admin_Eligibility")
    assert isinstance(rule, UnifiedRoleManagementPolicyExpirationRule) and rule.is_expiration_required, rule
    # The library writes a duration as Python shows it, which no service reads; what is left out stays.
    rule.is_expiration_required, rule.maximum_duration = False, None
    policy = policies.role_management_policies.by_unified_role_management_policy_id(assigned.policy_id)
    await policy.rules.by_unified_role_management_policy_rule_id(rule.id).patch(rule)
    made = await ask.post(eligibility(group, principal, **endless))
    assert made.status == "Provisioned", made


async def story():
    """One group from its creation to its end."""
    async with ClientSecretCredential(
        os.environ["SIM_TENANT"],
        os.environ["SIM_CLIENT_ID"],
        os.environ["SIM_CLIENT_SECRET"],
        authority=ORIGIN,
        disable_instance_discovery=True,
    ) as credential:
        scopes = [f"{ORIGIN}/.default"]
        host = ORIGIN.removeprefix("https://").split(":", 1)[0]
        sign_in = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=[host])
        adapter = GraphRequestAdapter(sign_in)
        adapter.base_url = f"{ORIGIN}/v1.0"
        graph = GraphServiceClient(request_adapter=adapter)
        jose, amira = await user(graph, "jose@contoso.com"), await user(graph, "amira@contoso.com")
        wanted = Group(
            display_name="PAG-by-sdk",
            mail_nickname="pag-by-sdk",
            mail_enabled=False,
            security_enabled=True,
            is_assignable_to_role=True,
            additional_data={"owners@odata.bind": [f"{ORIGIN}/v1.0/users/{amira}"]},
        )
        made = await graph.groups.post(wanted)
        assert made.is_assignable_to_role and made.visibility == "Private", made
        assert made.created_date_time.microsecond == 0, made.created_date_time
        assert await found(graph, "PAG-by-sdk") == [made.id]
        owners = await graph.groups.by_group_id(made.id).owners.get()
        assert [one.id for one in owners.value] == [amira]
        await members(graph, made.id, jose)
        await eligible(graph, made.id, jose)
        await settings(graph, made.id, amira)
        await graph.groups.by_group_id(made.id).delete()
        assert await found(graph, "PAG-by-sdk") == []
        print(f"a group, its members, its settings and its eligibilities: {made.id}")


asyncio.run(story())
