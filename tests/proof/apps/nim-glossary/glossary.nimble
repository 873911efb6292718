version = "0.3.0"
author = "R. Vale"
description = "A glossary of sailing terms over HTTP"
license = "MIT"
srcDir = "src"
bin = @["glossary"]

requires "nim >= 1.6.0"
