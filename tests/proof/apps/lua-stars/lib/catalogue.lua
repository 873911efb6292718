-- The catalogue of stars: lines of name and magnitude, kept compressed in memory.
local zcat = require "zcat"

local catalogue = {}

function catalogue.read(file)
  local handle = assert(io.open(file, "rb"))
  local packed = zcat.pack(handle:read("a"))
  handle:close()
  return packed
end

function catalogue.lines(packed)
  return zcat.text(packed):gmatch("([^\t\n]+)\t([^\n]+)")
end

return catalogue
