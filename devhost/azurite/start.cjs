"use strict";
// Runs Azurite's table and blob services over TLS, asked for by one JSON argument:
// {"azurite", "data", "certificate", "key", "tablesPort", "blobsPort"}.
// Stops, with everything on disk, at SIGTERM, at SIGINT or when standard input ends.

const path = require("path");

const keepJournals = require("./durable.cjs");
const findByPartition = require("./partitions.cjs");

const asked = JSON.parse(process.argv[2]);
const load = (name) => require(path.join(asked.azurite, "dist/src", name)).default;
const file = (name) => path.join(asked.data, name);

const HOST = "127.0.0.1";
const KEEP_ALIVE_SECONDS = 300;
// access log, its stream, debug log, its path, loose, any API version, certificate, key, password, OAuth level
const quietTls = [false, undefined, false, undefined, false, true, asked.certificate, asked.key, "", "basic"];

function tableServer() {
  const TableConfiguration = load("table/TableConfiguration");
  const TableServer = load("table/TableServer");
  const [accessLog, stream, debug, debugPath, ...rest] = quietTls;
  return new TableServer(
    new TableConfiguration(
      HOST, asked.tablesPort, KEEP_ALIVE_SECONDS, file("tables.json"), debug, accessLog, stream, debugPath, ...rest,
    ),
  );
}

function blobServer() {
  const BlobConfiguration = load("blob/BlobConfiguration");
  const BlobServer = load("blob/BlobServer");
  const extents = [{ locationId: "Default", locationPath: file("blobs"), maxConcurrency: 50 }];
  return new BlobServer(
    new BlobConfiguration(
      HOST, asked.blobsPort, KEEP_ALIVE_SECONDS, file("blobs.json"), file("extents.json"), extents, ...quietTls,
    ),
  );
}

/** Telemetry is off: its library, a third of the memory and half of the start, need not be loaded. */
function leaveOutTelemetry() {
  const unused = require.resolve("applicationinsights", { paths: [asked.azurite] });
  require.cache[unused] = { id: unused, filename: unused, loaded: true, exports: {} };
  require(path.join(asked.azurite, "dist/src/common/Telemetry")).AzuriteTelemetryClient.enableTelemetry = false;
}

async function main() {
  leaveOutTelemetry();
  keepJournals(asked.azurite);
  findByPartition(asked.azurite);
  const servers = [asked.tablesPort && tableServer(), asked.blobsPort && blobServer()].filter(Boolean);
  process.stdout.on("error", () => {}); // whoever read it may be gone while we still save
  await Promise.all(servers.map((server) => server.start()));

  let closing = false;
  const close = async () => {
    if (closing) return;
    closing = true;
    await Promise.all(servers.map((server) => server.close()));
    process.exit(0);
  };
  process.on("SIGTERM", close).on("SIGINT", close);
  process.stdin.on("end", close).on("error", close).resume();
  console.log("ready");
}

main().catch((error) => {
  console.error(`Azurite cannot run: ${error.message}`);
  process.exit(1);
});
