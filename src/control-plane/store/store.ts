/** The store: one database, brought to the newest schema when it is opened, and transactions on it. */
import { Kysely, type Dialect, type Transaction } from "kysely";
import { Migrator } from "kysely/migration";
import { migrations } from "./migrations.ts";
import type { Database } from "./schema.ts";

/** What queries run on. Every request reads and writes within one transaction. */
export type Tx = Transaction<Database>;

export class Store {
  readonly #db: Kysely<Database>;

  private constructor(db: Kysely<Database>) {
    this.#db = db;
  }

  /** Opens and migrates. Throws when the schema is newer than this program or a migration fails. */
  static async open(dialect: Dialect): Promise<Store> {
    const db = new Kysely<Database>({ dialect });
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) {
      await db.destroy();
      throw new Error(
        `the store cannot be brought to this version's schema: ${error instanceof Error ? error.message : JSON.stringify(error)}. If a newer version of Nanami has used it, start that one.`,
        { cause: error },
      );
    }
    return new Store(db);
  }

  /** Runs `work` in one transaction: all of it happens or, when it throws, none. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#db.transaction().execute(work);
  }

  close(): Promise<void> {
    return this.#db.destroy();
  }
}
