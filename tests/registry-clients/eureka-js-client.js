"use strict";
// One client registers, another reads; both are a package as it comes from npm.
const { name, port, run, send, until } = require("./registry.js");
const { Eureka } = require(name);
const silent = { debug() {}, info() {}, warn() {}, error: console.error };

function client(app, fetchDelta) {
    return new Eureka({
        logger: silent,
        instance: {
            app, instanceId: `js:${app}:9002`, hostName: "127.0.0.1", ipAddr: "127.0.0.1", port: { $: 9002, "@enabled": "true" },
            vipAddress: app.toLowerCase(), dataCenterInfo: { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", name: "MyOwn" },
            leaseInfo: { renewalIntervalInSecs: 1, durationInSecs: 3 },
        },
        eureka: { host: "127.0.0.1", port, servicePath: "/eureka/apps/", heartbeatInterval: 200, registryFetchInterval: 200, shouldUseDelta: fetchDelta, maxRetries: 1 },
    });
}

function start(eureka) {
    return new Promise((done, failed) => eureka.start(error => (error ? failed(error) : done())));
}

function stop(eureka) {
    return new Promise((done, failed) => eureka.stop(error => (error ? failed(error) : done())));
}

async function main() {
    const instance = async () => JSON.parse((await send("GET", "/eureka/instances/js:ORDERS:9002")).body).instance;
    const renewed = async () => (await instance()).leaseInfo.lastRenewalTimestamp;
    const orders = client("ORDERS", false);
    await start(orders);
    await until("it registered", async () => (await send("GET", "/eureka/instances/js:ORDERS:9002")).status === 200);
    const first = await renewed();
    await until("its heartbeats renew the lease", async () => (await renewed()) > first);

    for (const delta of [false, true]) {
        const reader = client(delta ? "READER-DELTA" : "READER", delta);
        const way = delta ? "changes" : "everything";
        await start(reader);
        await until(`another finds it, reading ${way}`, () => reader.getInstancesByAppId("ORDERS").some(found => found.port.$ === 9002 && found.status === "UP"));
        await send("PUT", "/eureka/apps/ORDERS/js:ORDERS:9002/status?value=OUT_OF_SERVICE");
        await until(`it sees that it is out of service, reading ${way}`, () => reader.getInstancesByAppId("ORDERS").every(found => found.status === "OUT_OF_SERVICE"));
        await send("DELETE", "/eureka/apps/ORDERS/js:ORDERS:9002/status?value=UP");
        await until(`it sees that it is back, reading ${way}`, () => reader.getInstancesByAppId("ORDERS").some(found => found.status === "UP"));
        await stop(reader);
    }

    await stop(orders);
    await until("it left", async () => (await send("GET", "/eureka/instances/js:ORDERS:9002")).status === 404);
}

run(main);
