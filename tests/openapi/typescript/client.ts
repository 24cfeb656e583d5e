// Speaks with the warehouse through the types that are generated from its document; each mistake below is one for the compiler.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./warehouse.js";

type Item = components["schemas"]["Item"];

const client = createClient<paths>({ baseUrl: process.argv[2]! });

const barrel: Item = { name: "tea", packing: { type: "barrel", litres: 5 }, tags: ["hot"], arrived: "2026-01-02" };
const { data: made, response } = await client.POST("/items", { body: barrel });
assert.equal(response.status, 201);
assert(made?.packing.type === "barrel");
assert.equal(made.packing.litres, 5);
assert.equal(made.size, "small");

const box: Item = { name: "cup", packing: { type: "box", width: 2 }, size: "large", grade: 2 };
const { data: replaced } = await client.PUT("/items/{number}", { params: { path: { number: made.number } }, body: box });
assert(replaced?.packing.type === "box");
assert.equal(replaced.packing.height, 1);

const { data: page } = await client.GET("/items", { params: { query: { limit: 1 } } });
assert.equal(page?.items.length, 1);

const { error: missing } = await client.GET("/items/{number}", { params: { path: { number: 99 } } });
assert(missing !== undefined && typeof missing.detail === "string");

const { error: faults } = await client.POST("/items", { body: { ...box, name: "" } });
assert.deepEqual(faults?.detail?.[0]?.loc, ["body", "name"]);

const { data: invoice } = await client.POST("/bodies/invoice", { body: { total: 1.5, lines: ["0.5", 1] } });
assert.deepEqual(invoice, { total: "1.5", lines: ["0.5", "1"] });

const { data: part } = await client.POST("/bodies/part", { body: { partName: "wheel", madeOf: [{ partName: "spoke" }] } });
assert.equal(part?.madeOf?.[0]?.partName, "spoke");

const { data: told } = await client.GET("/parameters/headers", { params: { header: { "x-count": 3 }, cookie: {} } });
assert.deepEqual(told, { count: 3, labels: 0, session: 0 });

const { data: text } = await client.GET("/answers/text", { parseAs: "text" });
assert.equal(text, "a text");

const { data: known } = await client.GET("/guarded/token", { headers: { authorization: "Bearer of-the-warehouse" } });
assert.equal(known, "known");

export async function mistakes(): Promise<void> {
  // @ts-expect-error there is no such path
  await client.GET("/nowhere");
  // @ts-expect-error what a barrel holds is a number
  await client.PUT("/bodies/packings", { body: { first: { type: "barrel", litres: "5" } } });
  // @ts-expect-error a box has a width
  await client.PUT("/bodies/packings", { body: { first: { type: "box" } } });
  // @ts-expect-error there is no such size
  await client.GET("/parameters/query", { params: { query: { needed: 1, size: "middle" } } });
  // @ts-expect-error one parameter is needed
  await client.GET("/parameters/query", { params: { query: {} } });
  const { data } = await client.POST("/bodies/invoice", { body: { total: 1 } });
  // @ts-expect-error an amount is answered as a text
  data?.total.toFixed();
}
