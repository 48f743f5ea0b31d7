"use strict";
// A client of its own code, which registers and reads. It knows no changes, and asks for one application or for all.
const { name, port, run, send, until } = require("./registry.js");
const silent = { debug() {}, info() {}, warn() {}, error() {} };

// A heartbeat that is refused, as one below, it also writes there, with everything it knows of the request.
const write = console.log;
console.log = text => typeof text === "string" && write(text);

async function main() {
    const orders = require(name)({
        logger: silent,
        eureka: { serviceUrl: [`http://127.0.0.1:${port}`], registerWithEureka: true, pollIntervalSeconds: 1 },
        instance: { app: "orders", instanceId: "node:orders:9003", ipAddr: "127.0.0.1", port: 9003, leaseInfo: { renewalIntervalInSecs: 1, durationInSecs: 3 } },
    });
    const client = orders.start();
    const path = "/eureka/apps/ORDERS/node:orders:9003";
    const renewed = async () => JSON.parse((await send("GET", path)).body).instance.leaseInfo.lastRenewalTimestamp;
    await until("it registered", async () => (await send("GET", path)).status === 200);
    const first = await renewed();
    await until("its heartbeats renew the lease", async () => (await renewed()) > first);

    const everything = async () => (await client.queryAll()).applications.application.find(app => app.name === "ORDERS").instance[0].status;
    const found = async () => await orders.instance("ORDERS");
    await until("it finds itself, reading one application", async () => (await found()).port.$ === 9003 && (await found()).status === "UP");
    await until("it finds itself, reading everything", async () => (await everything()) === "UP");
    await send("PUT", `${path}/status?value=OUT_OF_SERVICE`);
    await until("it sees that it is out of service, reading everything", async () => (await everything()) === "OUT_OF_SERVICE");
    await until("it sees that it is out of service, reading one application", async () => (await found()).status === "OUT_OF_SERVICE");
    await send("DELETE", `${path}/status?value=UP`);
    await until("it sees that it is back", async () => (await everything()) === "UP");

    await send("DELETE", path);
    await until("it registers again when the registry has forgotten it", async () => (await send("GET", path)).status === 200);

    orders.stop();
    await until("its goodbye is taken", () => orders.delete());
    await until("it left", async () => (await send("GET", path)).status === 404);
}

run(main);
