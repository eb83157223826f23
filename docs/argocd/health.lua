-- Health of an object of entra-pim.dev for Argo CD. It reads what kstatus reads (Reconciling, Stalled, Ready and the
-- generation that the status speaks of), and one script serves all kinds.
local function progressing(message)
  return {status = "Progressing", message = message}
end

if obj.metadata.deletionTimestamp ~= nil then
  local message = "being deleted: waits until the tenant no longer shows it"
  if obj.status ~= nil and obj.status.conditions ~= nil then
    for _, condition in ipairs(obj.status.conditions) do
      if condition.type == "Deleting" and condition.message ~= nil and condition.message ~= "" then
        message = condition.message
      end
    end
  end
  return progressing(message)
end

if obj.status == nil or obj.status.conditions == nil then
  return progressing("waits for the operator")
end

-- What the status says of an earlier generation says nothing of this one.
if obj.status.observedGeneration ~= obj.metadata.generation then
  return progressing("waits for the operator to see generation " .. tostring(obj.metadata.generation))
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions) do
  conditions[condition.type] = condition
end

local function is(type, status)
  return conditions[type] ~= nil and conditions[type].status == status
end

local function says(type)
  return (conditions[type].reason or "") .. ": " .. (conditions[type].message or "")
end

if conditions.Ready ~= nil and conditions.Ready.reason == "Paused" then
  return {status = "Suspended", message = says("Ready")}
end
if is("Stalled", "True") then
  return {status = "Degraded", message = says("Stalled")}
end
if is("Reconciling", "True") then
  return progressing(says("Reconciling"))
end
if is("Ready", "True") then
  return {status = "Healthy", message = says("Ready")}
end
if is("Ready", "False") then
  return {status = "Degraded", message = says("Ready")}
end
return progressing("waits for the operator")
