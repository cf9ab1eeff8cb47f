/** Everything that is particular to SQLite: how it is opened and the few words it spells its own way. */
import Sqlite from "better-sqlite3";
import { SqliteDialect, type ColumnDefinitionBuilder, type Dialect } from "kysely";

/**
 * Opens the database file (`:memory:` works) for kysely. WAL keeps readers and the writer apart; `synchronous=FULL`
 * makes an answered change survive a power cut. Throws with the reason and a remedy when the file is not usable.
 */
export function openSqlite(file: string): Dialect {
  let database: Sqlite.Database;
  try {
    database = new Sqlite(file, { timeout: 5000 });
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    const check = database.pragma("quick_check(1)", { simple: true });
    if (check !== "ok") throw new Error(String(check));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the store ${file} cannot be used: ${why}. Restore it from a backup or move it away.`, {
      cause: error,
    });
  }
  return new SqliteDialect({ database });
}

/** A primary key that numbers itself. */
export function numbered(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.primaryKey().autoIncrement();
}
