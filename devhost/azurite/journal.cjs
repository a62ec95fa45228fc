"use strict";
// The changes of one database since its file was written. A line holds those that belong together:
// ["+", collection, document], ["-", collection, id], ["c", empty collection], ["x", collection].

const fs = require("fs");

const SMALLEST_LIMIT = 64 * 1024 * 1024;

class Journal {
  constructor(db) {
    this.db = db;
    this.file = db.filename + ".journal";
    this.earlier = this.file + ".earlier";
    this.pending = [];
    this.held = false;
    this.begin();
  }

  begin() {
    this.descriptor = fs.openSync(this.file, "w", 0o600);
    this.written = 0;
    this.limit = Math.max(SMALLEST_LIMIT, fs.statSync(this.db.filename).size);
  }

  put(...change) {
    if (this.pending.push(JSON.stringify(change)) === 1 && !this.held) queueMicrotask(() => this.flush());
  }

  /** Let what follows, up to `release`, be one line. */
  hold() {
    this.held = true;
    setImmediate(() => this.release());
  }

  release() {
    this.held = false;
    this.flush();
  }

  flush() {
    if (this.held || this.pending.length === 0) return;
    const line = Buffer.from(`[${this.pending.join(",")}]\n`);
    this.pending = [];
    for (let done = 0; done < line.length; ) done += fs.writeSync(this.descriptor, line, done);
    this.written += line.length;
    if (this.written > this.limit && !fs.existsSync(this.earlier)) this.startAnew();
  }

  startAnew() {
    fs.closeSync(this.descriptor);
    fs.renameSync(this.file, this.earlier);
    this.begin();
    this.db.saveDatabase((error) => error || fs.rmSync(this.earlier, { force: true }));
  }

  /** After the database itself was written whole. */
  end() {
    fs.closeSync(this.descriptor);
    forget(this.db.filename);
  }
}

function forget(file) {
  for (const journal of [".journal.earlier", ".journal"]) fs.rmSync(file + journal, { force: true });
}

/** Bring a database's file up to date with the journals that a kill left. */
function fold(file) {
  const lines = [".journal.earlier", ".journal"]
    .filter((journal) => fs.existsSync(file + journal))
    .flatMap((journal) => fs.readFileSync(file + journal, "utf8").split("\n").slice(0, -1));
  if (lines.length === 0) return;
  const database = JSON.parse(fs.readFileSync(file, "utf8"));
  const collections = new Map(database.collections.map((each) => [each.name, new Folded(each)]));
  for (const [kind, what, value] of lines.flatMap((line) => JSON.parse(line))) {
    if (kind === "c") collections.set(what.name, new Folded(what));
    else if (kind === "x") collections.delete(what);
    else if (kind === "-") collections.get(what)?.documents.delete(value);
    else collections.get(what)?.put(value);
  }
  database.collections = [...collections.values()].map((each) => each.whole());
  fs.writeFileSync(file + "~", JSON.stringify(database), { mode: 0o600 });
  fs.renameSync(file + "~", file);
}

class Folded {
  constructor(collection) {
    this.collection = collection;
    this.maxId = collection.maxId;
    this.documents = new Map(collection.data.map((each) => [each.$loki, each]));
  }

  put(document) {
    this.documents.set(document.$loki, document);
    this.maxId = Math.max(this.maxId, document.$loki);
  }

  whole() {
    const { maxId, documents } = this;
    return { ...this.collection, data: [...documents.values()], idIndex: [...documents.keys()], maxId };
  }
}

module.exports = { Journal, fold, forget };
