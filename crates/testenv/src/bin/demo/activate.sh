#!/usr/bin/env bash
# Written by the demo: somebody who is eligible activates for an hour, and Emi approves. Each signs in as themselves and asks
# Microsoft Graph as any program of theirs would. docs/simulated-tenant.md does the same step by step.
#
#   activate [NAME]     jose, amira or farid; without a name jose
set -euo pipefail
source "$(dirname "$0")/../env"

who=${1:-jose}@contoso.com
approver=emi@contoso.com
pim="$ENTRA_SIM_GRAPH/v1.0/identityGovernance/privilegedAccess/group"

# The first value of a key in an answer.
value() {
  local pattern="\"$1\":\"(([^\"\\\\]|\\\\.)*)\""
  [[ $2 =~ $pattern ]] && echo "${BASH_REMATCH[1]//\\\"/\"}"
}
# What a call answers, or why it was refused.
ask() {
  local answer
  answer=$(curl -sS --cacert "$ENTRA_SIM_CA_FILE" -H 'Content-Type: application/json' -H "Authorization: Bearer $token" "$@")
  if [[ $answer == '{"error":'* ]]; then
    echo "activate: the tenant refuses: $(value message "$answer")" >&2
    exit 1
  fi
  echo "$answer"
}
# The same as a person who has proved a second factor.
as() { ask -H "x-entra-sim-user: $1" -H 'x-entra-sim-authentication: mfa' "${@:2}"; }

answer=$(curl -sS --cacert "$ENTRA_SIM_CA_FILE" "$ENTRA_SIM_AUTHORITY/contoso.com/oauth2/v2.0/token" \
  -d grant_type=client_credentials -d client_id=88888888-8888-4888-8888-888888888888 \
  -d client_secret=contoso-admin-secret -d scope=https://graph.microsoft.com/.default)
token=$(value access_token "$answer")
person=$(ask "$ENTRA_SIM_GRAPH/v1.0/users/$who")
group=$(kubectl -n exchange get pgroup exchange-admins -o 'jsonpath={.status.externalId}')

request=$(as "$who" "$pim/assignmentScheduleRequests" -d "{\"action\": \"selfActivate\", \"accessId\": \"member\",
  \"groupId\": \"$group\", \"principalId\": \"$(value id "$person")\", \"justification\": \"mail flow is down\",
  \"ticketInfo\": {\"ticketNumber\": \"CHG0002\", \"ticketSystem\": \"ServiceNow\"},
  \"scheduleInfo\": {\"expiration\": {\"type\": \"afterDuration\", \"duration\": \"PT1H\"}}}")
echo "$who asks for an hour as a member of PAG-Exchange-Admins, with a second factor: $(value status "$request")"

approval=$(value approvalId "$request")
stages=$(as "$approver" "$pim/assignmentApprovals/$approval/stages")
as "$approver" -X PATCH "$pim/assignmentApprovals/$approval/stages/$(value id "$stages")" \
  -d '{"reviewResult": "Approve", "justification": "the incident is known"}' >/dev/null
echo "$approver approves"
