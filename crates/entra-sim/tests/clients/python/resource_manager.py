"""Role definitions, role assignments and PIM for Azure resources by azure-mgmt-authorization."""

import datetime
import os
import uuid

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.v2020_10_01.models import (
    RoleAssignmentScheduleRequest,
    RoleAssignmentScheduleRequestPropertiesScheduleInfo,
    RoleAssignmentScheduleRequestPropertiesScheduleInfoExpiration,
    RoleEligibilityScheduleRequest,
    RoleEligibilityScheduleRequestPropertiesScheduleInfo,
    RoleEligibilityScheduleRequestPropertiesScheduleInfoExpiration,
    RoleManagementPolicy,
    RoleManagementPolicyExpirationRule,
)
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
OPTIONS = {"base_url": os.environ["SIM_ORIGIN"], "credential_scopes": [os.environ["SIM_ORIGIN"] + "/.default"]}
GROUP = os.environ["SIM_GROUP"]
SUBSCRIPTION = os.environ["SIM_SUBSCRIPTION"]
SCOPES = os.environ["SIM_SCOPES"].split(",")

credential = ClientSecretCredential(
    os.environ["SIM_TENANT"],
    os.environ["SIM_CLIENT_ID"],
    os.environ["SIM_CLIENT_SECRET"],
    authority=os.environ["SIM_ORIGIN"],
    disable_instance_discovery=True,
)
plain = AuthorizationManagementClient(credential, SUBSCRIPTION, **OPTIONS)
pim = AuthorizationManagementClient(credential, SUBSCRIPTION, api_version="2020-10-01", **OPTIONS)


def refused(code, ask):
    """Runs something that must fail with this code."""
    try:
        ask()
    except HttpResponseError as error:
        assert error.error.code == code, error
    else:
        raise AssertionError(f"{code} was expected")


def plain_assignments(scope):
    """Makes, finds and deletes a role assignment."""
    by_name = plain.role_definitions.list(scope, filter="roleName eq 'Reader'")
    [reader] = by_name
    assert reader.name == READER and reader.role_type == "BuiltInRole", reader
    wanted = RoleAssignmentCreateParameters(
        role_definition_id=reader.id, principal_id=GROUP, principal_type="Group", description="by a test"
    )
    made = plain.role_assignments.create(scope, str(uuid.uuid4()), wanted)
    assert (made.scope, made.principal_id, made.description) == (scope, GROUP, "by a test"), made
    refused("RoleAssignmentExists", lambda: plain.role_assignments.create(scope, str(uuid.uuid4()), wanted))
    listed = plain.role_assignments.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")
    assert made.id in [one.id for one in listed]
    read = plain.role_assignments.get_by_id(made.id)
    assert read.role_definition_id.endswith(READER) and read.created_on is not None, read
    gone = plain.role_assignments.delete_by_id(made.id)
    assert gone.id == made.id, gone
    left = plain.role_assignments.list_for_scope(scope, filter="atScope()")
    assert made.id not in [one.id for one in left]


def eligibility(scope, kind="AdminAssign", start=None, **expiration):
    """A request for an eligibility as reader."""
    info = None
    if expiration:
        info = RoleEligibilityScheduleRequestPropertiesScheduleInfo(
            start_date_time=start,
            expiration=RoleEligibilityScheduleRequestPropertiesScheduleInfoExpiration(**expiration),
        )
    return RoleEligibilityScheduleRequest(
        principal_id=GROUP,
        role_definition_id=role_at(scope),
        request_type=kind,
        justification="by a test",
        schedule_info=info,
    )


def role_at(scope):
    """The id of reader as it is written at a scope."""
    before = "/".join(scope.split("/")[:3]) if scope.startswith("/subscriptions/") else ""
    return f"{before}/providers/Microsoft.Authorization/roleDefinitions/{READER}"


def eligible(scope):
    """Makes, lists and ends an eligibility, and withdraws one for later."""
    ask = pim.role_eligibility_schedule_requests
    month = {"type": "AfterDuration", "duration": "P30D"}
    made = ask.create(scope, str(uuid.uuid4()), eligibility(scope, **month))
    assert (made.status, made.principal_id, made.principal_type) == ("Provisioned", GROUP, "Group"), made
    assert made.expanded_properties.role_definition.display_name == "Reader", made.expanded_properties
    assert ask.get(scope, made.name).request_type == "AdminAssign"
    assert made.name in [one.name for one in ask.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")]
    [schedule] = pim.role_eligibility_schedules.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")
    assert schedule.member_type == "Direct" and schedule.end_date_time > schedule.start_date_time, schedule
    assert pim.role_eligibility_schedules.get(scope, schedule.name).id == schedule.id
    [instance] = pim.role_eligibility_schedule_instances.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")
    assert instance.role_eligibility_schedule_id.endswith(schedule.name), instance
    assert pim.role_eligibility_schedule_instances.get(scope, instance.name).status == "Provisioned"
    gone = ask.create(scope, str(uuid.uuid4()), eligibility(scope, "AdminRemove"))
    assert gone.status == "Revoked", gone
    assert list(pim.role_eligibility_schedules.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")) == []
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=2)
    waiting = ask.create(scope, str(uuid.uuid4()), eligibility(scope, start=later, **month))
    assert waiting.status == "Granted", waiting
    ask.cancel(scope, waiting.name)
    assert ask.get(scope, waiting.name).status == "Canceled"


def active(scope):
    """Makes an active assignment that ends, and finds it."""
    info = RoleAssignmentScheduleRequestPropertiesScheduleInfo(
        expiration=RoleAssignmentScheduleRequestPropertiesScheduleInfoExpiration(
            type="AfterDateTime",
            end_date_time=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=7),
        )
    )
    wanted = RoleAssignmentScheduleRequest(
        principal_id=GROUP,
        role_definition_id=role_at(scope),
        request_type="AdminAssign",
        justification="by a test",
        schedule_info=info,
    )
    made = pim.role_assignment_schedule_requests.create(scope, str(uuid.uuid4()), wanted)
    assert made.status == "Provisioned", made
    [schedule] = pim.role_assignment_schedules.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")
    assert (schedule.assignment_type, schedule.member_type) == ("Assigned", "Direct"), schedule
    [instance] = pim.role_assignment_schedule_instances.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")
    assert instance.role_assignment_schedule_id.endswith(schedule.name), instance
    held = plain.role_assignments.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")
    assert [one.scope for one in held] == [scope]
    plain.role_assignments.delete_by_id(instance.origin_role_assignment_id)
    assert list(pim.role_assignment_schedules.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")) == []


def settings(scope):
    """Allows eligibilities without an end, which were refused before."""
    endless = eligibility(scope, type="NoExpiration")
    ask = pim.role_eligibility_schedule_requests
    refused(
        "RoleAssignmentRequestPolicyValidationFailed",
        lambda: ask.create(scope, str(uuid.uuid4()), endless),
    )
    policy = policy_of(scope)
    rule = next(one for one in policy.rules if one.id == "Expiration_Admin_Eligibility")
    assert rule.is_expiration_required and rule.maximum_duration, rule
    shorter = RoleManagementPolicyExpirationRule(id=rule.id, target=rule.target, is_expiration_required=False)
    pim.role_management_policies.update(scope, policy.name, RoleManagementPolicy(rules=[shorter]))
    changed = next(one for one in policy_of(scope).rules if one.id == rule.id)
    assert (changed.is_expiration_required, changed.maximum_duration) == (False, rule.maximum_duration), changed
    assert ask.create(scope, str(uuid.uuid4()), endless).status == "Provisioned"
    ask.create(scope, str(uuid.uuid4()), eligibility(scope, "AdminRemove"))


def policy_of(scope):
    """The policy of reader at a scope, found through its assignment among those of all roles."""
    assigned = pim.role_management_policy_assignments.list_for_scope(scope)
    [assignment] = [one for one in assigned if one.role_definition_id.endswith(READER)]
    return pim.role_management_policies.get(scope, assignment.policy_id.rsplit("/", 1)[1])


definitions = list(plain.role_definitions.list("/"))
assert len(definitions) > 300 and len({one.name for one in definitions}) == len(definitions), len(definitions)
for where in SCOPES:
    for story in (plain_assignments, eligible, active, settings):
        story(where)
        print(f"{story.__name__} at {where}")
