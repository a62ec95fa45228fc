"use strict";
// Lets Azurite find rows and blobs by the index that tells most. By itself it looks at every row of the table for a
// query, at every row of the same RowKey for a single row, and at every blob of the account for a single blob.
// What is found stays the same, and a single row is found without looking at any other.

const path = require("path");

const TELLING = ["PartitionKey", "name", "blobName"];

const rows = new WeakMap(); // collection -> its rows by both their keys, once one was asked for by these
const keyOf = (row) => `${row.PartitionKey}\u0000${row.RowKey}`;

function rowsOf(collection) {
  if (!rows.has(collection)) rows.set(collection, new Map(collection.data.map((row) => [keyOf(row), row])));
  return rows.get(collection);
}

/** Whether a query asks for the one row of these two keys, and for nothing else. */
function asksForRow(query) {
  const keys = Object.keys(query ?? {});
  return keys.length === 2 && typeof query.PartitionKey === "string" && typeof query.RowKey === "string";
}

/** Keeps what `rowsOf` holds: single changes are followed, after any other it is made anew. */
function follow(prototype) {
  const { insertOne, update, remove } = prototype;
  Object.assign(prototype, {
    insertOne(...given) {
      const inserted = insertOne.apply(this, given);
      if (inserted) rows.get(this)?.set(keyOf(inserted), inserted);
      return inserted;
    },
    update(row) {
      const updated = update.call(this, row);
      if (updated && !Array.isArray(row)) rows.get(this)?.set(keyOf(updated), updated);
      else rows.delete(this);
      return updated;
    },
    remove(row) {
      const removed = remove.call(this, row);
      if (typeof row === "object" && !Array.isArray(row)) rows.get(this)?.delete(keyOf(row));
      else rows.delete(this);
      return removed;
    },
  });
  for (const name of ["clear", "removeBatch", "removeBatchByPositions"]) {
    const original = prototype[name];
    prototype[name] = function (...given) {
      rows.delete(this);
      return original.apply(this, given);
    };
  }
}

/** The partition that every row matching the filter lies in, or undefined when the filter does not say. */
function partitionOf(node) {
  if (node.name === "and") return partitionOf(node.left) ?? partitionOf(node.right);
  if (node.name !== "eq") return undefined;
  const sides = [node.left, node.right];
  const constant = sides.find((side) => typeof side.value === "string" && side.name === "constant");
  return sides.some((side) => side.identifier === "PartitionKey") ? constant?.value : undefined;
}

module.exports = function findByPartition(azurite) {
  const persistence = path.join(azurite, "dist/src/table/persistence");
  const store = require(path.join(persistence, "LokiTableMetadataStore")).default.prototype;
  const parse = require(path.join(persistence, "QueryInterpreter/QueryParser")).default;
  const { Collection } = require(require.resolve("lokijs", { paths: [azurite] }));

  const { findOne } = Collection.prototype;
  follow(Collection.prototype);
  Collection.prototype.findOne = function (query) {
    if (asksForRow(query)) return rowsOf(this).get(keyOf(query)) ?? null;
    const first = TELLING.find((key) => typeof query[key] === "string");
    return findOne.call(this, first ? { [first]: query[first], ...query } : query);
  };

  const { queryTableEntities } = store;
  store.createCollectionForTable = function (table) {
    const name = this.getTableCollectionName(table.account, table.table);
    this.db.removeCollection(name);
    this.db.addCollection(name, { indices: ["PartitionKey"] });
  };
  store.queryTableEntities = function (context, account, table, options, ...page) {
    let partition;
    try {
      partition = options.filter && partitionOf(parse(options.filter));
    } catch {
      partition = undefined; // the original answers what a wrong filter gets
    }
    if (typeof partition !== "string") return queryTableEntities.call(this, context, account, table, options, ...page);
    const inPartition = (...of) => ({
      chain: () => this.getEntityCollection(...of).chain().find({ PartitionKey: partition }),
    });
    const narrowed = Object.create(this, { getEntityCollection: { value: inPartition } });
    return queryTableEntities.call(narrowed, context, account, table, options, ...page);
  };
};
