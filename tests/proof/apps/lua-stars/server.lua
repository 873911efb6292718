-- Stars and their magnitudes over HTTP.
local catalogue = require "catalogue"
local socket = require "socket"

local stars = catalogue.read("catalogue/bright.tsv")
local server = assert(socket.bind("0.0.0.0", 8085))

local function answer(path)
  local found = {}
  for name, magnitude in catalogue.lines(stars) do
    if path == "/" or path == "/" .. name then
      found[#found + 1] = name .. ": " .. magnitude .. "\n"
    end
  end
  if #found == 0 then
    return "404 Not Found", "no such star\n"
  end
  return "200 OK", table.concat(found)
end

while true do
  local client = server:accept()
  client:settimeout(5)
  local request = client:receive("*l")
  repeat
    local line = client:receive("*l")
  until not line or line == ""
  local path = request and request:match("^%u+ (%S+)") or "/"
  local status, body = answer(path)
  client:send(("HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(status, #body, body))
  client:close()
end
