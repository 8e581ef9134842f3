import { expect, it, vi } from "vitest";
import { UsageError } from "../../src/foundation/errors.ts";
import { Redactor } from "../../src/security/redactor.ts";
import { KeyRepository } from "../../src/state/keys.ts";
import { describeOnEachStore } from "./contract.ts";

const start = Date.UTC(2026, 10, 30, 12);
const hourMs = 3_600_000;
const reader = { name: "reader", scopes: ["read"], namespaces: undefined } as const;

describeOnEachStore("API keys (SEC-5, SEC-6)", (create) => {
  it("are valid for every process that shares the state, with scopes and namespaces", async () => {
    const store = create();
    const one = new KeyRepository(await store.open({ now: () => start }));
    const other = new KeyRepository(await store.open());
    const { key, token } = await one.create({
      name: " importer ",
      scopes: ["read", "write", "read"],
      namespaces: ["", "tenant-a"],
    });
    expect(token).toMatch(new RegExp(`^ragfood_${key.id}_[\\w-]{43}$`));
    const expected = {
      id: key.id,
      name: "importer",
      scopes: ["read", "write"],
      namespaces: ["", "tenant-a"],
      createdAt: start,
      rotatedAt: start,
    };
    expect(await other.verify(token)).toEqual({ status: "valid", key: { ...expected } });
    expect(await other.list()).toMatchObject([expected]);
  });

  it("are stored without their secret", async () => {
    const state = await create().open();
    const { token } = await new KeyRepository(state).create(reader);
    const rows = await state.transaction(async (session) => [
      ...(await session.all("SELECT * FROM api_keys")),
      ...(await session.all("SELECT * FROM api_key_secrets")),
    ]);
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain(token.split("_").at(-1));
  });

  it("are unknown with another secret, another id or another form", async () => {
    const repository = new KeyRepository(await create().open());
    const { token } = await repository.create(reader);
    const last = token.endsWith("A") ? "B" : "A";
    const wrong = [
      `${token.slice(0, -1)}${last}`,
      token.replace(/_[0-9a-f]{12}_/, "_000000000000_"),
      `${token} `,
      "",
      "'; DROP TABLE api_keys; --",
    ];
    for (const each of wrong) expect(await repository.verify(each)).toEqual({ status: "unknown" });
    expect(await repository.verify(token)).toMatchObject({ status: "valid" });
  });

  it("are refused by every process once they are revoked", async () => {
    const store = create();
    const [one, other] = [new KeyRepository(await store.open()), new KeyRepository(await store.open())];
    const { key, token } = await one.create(reader);
    const revoked = await other.revoke(key.id);
    expect(revoked.revokedAt).toBeGreaterThan(0);
    expect(await one.verify(token)).toEqual({ status: "revoked" });
    expect(await one.revoke(key.id)).toEqual(revoked);
    await expect(one.rotate(key.id, hourMs)).rejects.toThrow("was revoked");
  });

  it("accept the secret from before a rotation until the overlap ends", async () => {
    let now = start;
    const repository = new KeyRepository(await create().open({ now: () => now }));
    const { key, token: first } = await repository.create(reader);
    const { key: rotated, token: second } = await repository.rotate(key.id, hourMs);
    expect(rotated).toMatchObject({ id: key.id, overlapEndsAt: start + hourMs });
    now += hourMs - 1;
    for (const token of [first, second]) expect((await repository.verify(token)).status).toBe("valid");
    now += 1;
    expect(await repository.verify(first)).toEqual({ status: "expired" });
    expect(await repository.verify(second)).toMatchObject({
      status: "valid",
      key: { overlapEndsAt: undefined },
    });
    const { token: third } = await repository.rotate(key.id, 0);
    expect([(await repository.verify(second)).status, (await repository.verify(third)).status]).toEqual([
      "expired",
      "valid",
    ]);
  });

  it("end an overlap earlier with a second rotation, and never later", async () => {
    let now = start;
    const repository = new KeyRepository(await create().open({ now: () => now }));
    const { key, token } = await repository.create(reader);
    await repository.rotate(key.id, hourMs);
    await repository.rotate(key.id, 10 * hourMs);
    now += hourMs;
    expect(await repository.verify(token)).toEqual({ status: "expired" });
  });

  it("note when they were used, once a minute", async () => {
    let now = start;
    const state = await create().open({ now: () => now });
    const repository = new KeyRepository(state);
    const { token } = await repository.create(reader);
    const transactions = vi.spyOn(state, "transaction");
    const begunWrites = () => transactions.mock.calls.filter(([, options]) => !options?.readOnly).length;
    const usedAt = async () => (await repository.list())[0]?.lastUsedAt;
    await repository.verify(token);
    await expect.poll(usedAt).toBe(start);
    now += 30_000;
    await repository.verify(token);
    expect(begunWrites()).toBe(1);
    now += 30_000;
    await repository.verify(token);
    await expect.poll(usedAt).toBe(now);
  });

  it("are refused without a name, without a scope, and bound to no namespace", async () => {
    const repository = new KeyRepository(await create().open());
    for (const wrong of [{ name: " " }, { name: "x".repeat(101) }, { scopes: [] }, { namespaces: [] }])
      await expect(repository.create({ ...reader, ...wrong })).rejects.toBeInstanceOf(UsageError);
    await expect(repository.revoke("000000000000")).rejects.toThrow("No key has the id");
  });

  it("are recognised as secrets by their form, and redacted", async () => {
    const { token } = await new KeyRepository(await create().open()).create(reader);
    expect(new Redactor().text(`the key ${token} was sent`)).toBe("the key [redacted] was sent");
  });
});
