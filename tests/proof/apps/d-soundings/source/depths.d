module depths;

import etc.c.sqlite3;
import std.array : split;
import std.conv : to;
import std.stdio : File;
import std.string : fromStringz, strip, toStringz;

/// The soundings of a file, in a table of SQLite in memory.
struct Chart
{
    private sqlite3* database;

    this(string file)
    {
        sqlite3_open(":memory:", &database);
        sqlite3_exec(database, "CREATE TABLE sounding (name TEXT, metres REAL)", null, null, null);
        foreach (line; File(file).byLineCopy)
        {
            auto parts = line.strip.split(",");
            if (parts.length == 2)
                query("INSERT INTO sounding VALUES (?1, ?2)", parts[0], parts[1]);
        }
    }

    string all()
    {
        return query("SELECT name || ': ' || metres || ' m' FROM sounding ORDER BY name");
    }

    string one(string name)
    {
        return query("SELECT name || ': ' || metres || ' m' FROM sounding WHERE name = ?1", name);
    }

    private string query(string sql, string[] values...)
    {
        sqlite3_stmt* statement;
        sqlite3_prepare_v2(database, sql.toStringz, -1, &statement, null);
        scope (exit)
            sqlite3_finalize(statement);
        foreach (index, value; values)
            sqlite3_bind_text(statement, cast(int) index + 1, value.ptr, cast(int) value.length, SQLITE_TRANSIENT);
        string found;
        while (sqlite3_step(statement) == SQLITE_ROW)
            found ~= fromStringz(sqlite3_column_text(statement, 0)).idup ~ "\n";
        return found;
    }
}
