require "yaml"
require "./sqlite"

module Ledger
  # The postings of a file, summed up by SQLite in memory.
  class Book
    ROW = 100

    @database : LibSQLite::Database

    def initialize(file : String)
      LibSQLite.open(":memory:", out @database)
      run("CREATE TABLE posting (account TEXT, amount INTEGER)")
      YAML.parse(File.read(file)).as_a.each do |posting|
        statement = prepare("INSERT INTO posting VALUES (?, ?)")
        name = posting["account"].as_s
        LibSQLite.bind_text(statement, 1, name, name.bytesize, Pointer(Void).new(-1.to_u64!))
        LibSQLite.bind_int64(statement, 2, posting["amount"].as_i64)
        LibSQLite.step(statement)
        LibSQLite.finalize(statement)
      end
    end

    # Balances by account.
    def balances : Hash(String, Int64)
      found = {} of String => Int64
      statement = prepare("SELECT account, SUM(amount) FROM posting GROUP BY account ORDER BY account")
      while LibSQLite.step(statement) == ROW
        found[String.new(LibSQLite.column_text(statement, 0))] = LibSQLite.column_int64(statement, 1)
      end
      LibSQLite.finalize(statement)
      found
    end

    private def prepare(sql : String) : LibSQLite::Statement
      LibSQLite.prepare(@database, sql, sql.bytesize, out statement, nil)
      statement
    end

    private def run(sql : String)
      statement = prepare(sql)
      LibSQLite.step(statement)
      LibSQLite.finalize(statement)
    end
  end
end
