rockspec_format = "3.0"
package = "zcat"
version = "1.0-1"
source = { url = "git+file:///zcat" }
description = { summary = "Reads files that zstd compressed", license = "Apache-2.0" }
dependencies = { "lua >= 5.3" }
external_dependencies = { ZSTD = { header = "zstd.h" } }
build = {
  type = "builtin",
  modules = {
    zcat = {
      sources = { "src/zcat.c" },
      libraries = { "zstd" },
      incdirs = { "$(ZSTD_INCDIR)" },
      libdirs = { "$(ZSTD_LIBDIR)" },
    },
  },
}
