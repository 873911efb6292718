# As much of SQLite as the ledger calls.
@[Link("sqlite3")]
lib LibSQLite
  type Database = Void*
  type Statement = Void*
  fun open = sqlite3_open(file : LibC::Char*, database : Database*) : LibC::Int
  fun prepare = sqlite3_prepare_v2(database : Database, sql : LibC::Char*, size : LibC::Int, statement : Statement*, tail : LibC::Char**) : LibC::Int
  fun bind_text = sqlite3_bind_text(statement : Statement, index : LibC::Int, value : LibC::Char*, size : LibC::Int, free : Void*) : LibC::Int
  fun bind_int64 = sqlite3_bind_int64(statement : Statement, index : LibC::Int, value : Int64) : LibC::Int
  fun step = sqlite3_step(statement : Statement) : LibC::Int
  fun column_text = sqlite3_column_text(statement : Statement, column : LibC::Int) : LibC::Char*
  fun column_int64 = sqlite3_column_int64(statement : Statement, column : LibC::Int) : Int64
  fun finalize = sqlite3_finalize(statement : Statement) : LibC::Int
end
