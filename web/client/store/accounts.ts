/** Which accounts this phone knows, and who is using it. Kept apart from the accounts' own databases. */

import Dexie, { type Table } from "dexie";

import type { Session } from "../model/wire";

export interface KnownAccount {
  id: string;
  login: string;
  /** The device of this account's database; null once the server said that the database was copied. */
  device: string | null;
  session: Session;
  /** False after 退出 and after a 401: the entries stay, nothing is sent. */
  signed_in: 0 | 1;
  /** 退出 was tapped: nothing of this account is shown until it signs in again. */
  left?: 0 | 1;
  used_at: number;
}

class Accounts extends Dexie {
  accounts!: Table<KnownAccount, string>;

  constructor(server: string) {
    super(`gridwalk:${server}`, { chromeTransactionDurability: "strict" });
    this.version(1).stores({ accounts: "id, login, used_at" });
  }
}

const CURRENT = "gridwalk.account";
const OWED = "gridwalk.owed";

export class AccountBook {
  private readonly db: Accounts;

  constructor(server: string) {
    this.db = new Accounts(server);
  }

  async current(): Promise<KnownAccount | null> {
    const id = localStorage.getItem(CURRENT);
    const known = id ? await this.db.accounts.get(id) : await this.db.accounts.orderBy("used_at").last();
    // The browser may write this down later than the database: what the database says counts.
    return known && !known.left ? known : null;
  }

  async byLogin(login: string): Promise<KnownAccount | null> {
    return (await this.db.accounts.where("login").equals(login).last()) ?? null;
  }

  async signedIn(login: string, session: Session): Promise<KnownAccount> {
    const known: KnownAccount = {
      id: session.account.id, login, device: session.device, session, signed_in: 1, left: 0, used_at: Date.now(),
    };
    await this.db.accounts.put(known);
    localStorage.setItem(CURRENT, known.id);
    return known;
  }

  async update(id: string, changes: Partial<KnownAccount>): Promise<void> {
    await this.db.accounts.update(id, changes);
  }

  /** The person left: nobody is current, the account stays known. */
  async left(id: string): Promise<void> {
    await this.db.accounts.update(id, { signed_in: 0, left: 1 });
    localStorage.removeItem(CURRENT);
  }

  /** The server has not yet heard that somebody signed out. */
  get owesSignOut(): boolean {
    return localStorage.getItem(OWED) === "1";
  }

  set owesSignOut(owed: boolean) {
    if (owed) localStorage.setItem(OWED, "1");
    else localStorage.removeItem(OWED);
  }
}
