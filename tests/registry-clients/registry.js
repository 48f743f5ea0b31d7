"use strict";
// What the scripts beside this one share. Arguments: the port of the registry, and the package.
const http = require("node:http");
const [port, name] = [Number(process.argv[2]), process.argv[3]];

function send(method, path) {
    return new Promise((done, failed) => http.request({ port, method, path, headers: { Accept: "application/json" } }, answer => {
        let body = "";
        answer.on("data", chunk => (body += chunk)).on("end", () => done({ status: answer.statusCode, body }));
    }).on("error", failed).end());
}

async function until(what, condition) {
    const end = Date.now() + 15000;
    while (!(await condition())) {
        if (Date.now() > end) {
            throw new Error(`not within 15 s: ${what}`);
        }
        await new Promise(done => setTimeout(done, 50));
    }
    console.log(`ok - ${name}: ${what}`);
}

function run(main) {
    main().then(() => process.exit(0), error => {
        console.error(`not ok - ${name}: ${error.message}`);
        process.exit(1);
    });
}

module.exports = { name, port, run, send, until };
