"use strict";
// Writes every change of Azurite's databases to a journal before the change is answered, so that a kill loses nothing.
// By itself Azurite writes all it holds every five seconds while anything changes, and loses what came after the last
// time. The databases' own files are written at start, at the end, and when a journal has outgrown them.

const path = require("path");

const { Journal, fold, forget } = require("./journal.cjs");

const TABLES = "table/persistence/LokiTableMetadataStore";
const STORES = [TABLES, "blob/persistence/LokiBlobMetadataStore", "common/persistence/LokiExtentMetadataStore"];

module.exports = function keepJournals(azurite) {
  const load = (name) => require(path.join(azurite, "dist/src", name)).default.prototype;
  const Loki = require(require.resolve("lokijs", { paths: [azurite] }));
  const journals = new Map(); // by database
  const owners = new WeakMap(); // journal by collection
  const own = (journal, collection) => owners.set(collection, journal);

  const { addCollection, removeCollection, loadJSONObject } = Loki.prototype;
  Loki.prototype.addCollection = function (name, options) {
    const journal = journals.get(this);
    const collection = addCollection.call(this, name, options);
    if (journal && !owners.has(collection)) {
      own(journal, collection);
      journal.put("c", collection);
    }
    return collection;
  };
  Loki.prototype.removeCollection = function (name) {
    journals.get(this)?.put("x", name);
    return removeCollection.call(this, name);
  };
  Loki.prototype.loadJSONObject = function (...given) {
    loadJSONObject.apply(this, given);
    for (const collection of this.collections) collection.ensureAllIndexes(true);
  };

  const { insertOne, update, remove, removeBatchByPositions } = Loki.Collection.prototype;
  Object.assign(Loki.Collection.prototype, {
    insertOne(...given) {
      const inserted = insertOne.apply(this, given);
      if (inserted) owners.get(this)?.put("+", this.name, inserted);
      return inserted;
    },
    update(document) {
      const updated = update.call(this, document);
      if (!Array.isArray(document)) owners.get(this)?.put("+", this.name, updated);
      return updated;
    },
    remove(document) {
      const id = typeof document === "number" ? document : document.$loki;
      const removed = remove.call(this, document);
      if (id !== undefined) owners.get(this)?.put("-", this.name, id);
      return removed;
    },
    removeBatchByPositions(positions) {
      const ids = positions.map((position) => this.data[position].$loki);
      removeBatchByPositions.call(this, positions);
      for (const id of ids) owners.get(this)?.put("-", this.name, id);
    },
  });

  for (const store of STORES.map(load)) {
    const { init, close } = store;
    store.init = async function () {
      fold(this.db.filename);
      await init.call(this);
      forget(this.db.filename);
      this.db.autosaveDisable();
      const journal = new Journal(this.db);
      journals.set(this.db, journal);
      for (const collection of this.db.collections) own(journal, collection);
    };
    store.close = async function () {
      await close.call(this);
      journals.get(this.db)?.end();
      journals.delete(this.db);
    };
  }

  const tables = load(TABLES);
  const { beginBatchTransaction, endBatchTransaction } = tables;
  tables.beginBatchTransaction = async function (...given) {
    await beginBatchTransaction.apply(this, given);
    journals.get(this.db)?.hold();
  };
  tables.endBatchTransaction = async function (...given) {
    await endBatchTransaction.apply(this, given);
    journals.get(this.db)?.release();
  };
};
