#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

/* zcat.text(s): what a string of one zstd frame holds. */
static int text(lua_State *L)
{
    size_t size;
    const char *packed = luaL_checklstring(L, 1, &size);
    unsigned long long length = ZSTD_getFrameContentSize(packed, size);
    if (length == ZSTD_CONTENTSIZE_ERROR || length == ZSTD_CONTENTSIZE_UNKNOWN || length > (1u << 24))
        return luaL_error(L, "no zstd frame");
    luaL_Buffer buffer;
    char *room = luaL_buffinitsize(L, &buffer, length ? length : 1);
    size_t found = ZSTD_decompress(room, length, packed, size);
    if (ZSTD_isError(found))
        return luaL_error(L, "%s", ZSTD_getErrorName(found));
    luaL_pushresultsize(&buffer, found);
    return 1;
}

/* zcat.pack(s): a string as one zstd frame. */
static int pack(lua_State *L)
{
    size_t size;
    const char *plain = luaL_checklstring(L, 1, &size);
    luaL_Buffer buffer;
    size_t bound = ZSTD_compressBound(size);
    char *room = luaL_buffinitsize(L, &buffer, bound);
    luaL_pushresultsize(&buffer, ZSTD_compress(room, bound, plain, size, 3));
    return 1;
}

static const luaL_Reg functions[] = {{"text", text}, {"pack", pack}, {NULL, NULL}};

int luaopen_zcat(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
