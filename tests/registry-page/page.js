"use strict";
const { chromium } = require("playwright-core");
const http = require("node:http");
const [port, browserPath, pictures] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const url = `http://127.0.0.1:${port}/`;
const attack = "<script>window.hit=1</script><img src=x onerror=window.hit=1>\"'>";
let failed = 0;

function check(what, good, detail = "") {
    console.log(`${good ? "ok" : "not ok"} - ${what}${good ? "" : ` ${detail}`}`);
    failed += good ? 0 : 1;
}

function send(method, path, body) {
    return new Promise((done, refused) => {
        const headers = { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) };
        const request = http.request({ host: "127.0.0.1", port, method, path: `/eureka/${path}`, headers }, answer => answer.resume().on("end", () => done(answer.statusCode)));
        request.on("error", refused).end(body ? JSON.stringify(body) : undefined);
    });
}

function register(app, id, more = {}) {
    return send("POST", `apps/${encodeURIComponent(app)}`, {
        instance: {
            instanceId: id, app, hostName: "host", ipAddr: "10.0.0.1", status: "UP", port: { $: 80, "@enabled": "true" }, metadata: { zone: "eu-1a", version: "1.0" },
            dataCenterInfo: { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", name: "MyOwn" }, leaseInfo: { durationInSecs: 3600 }, ...more,
        },
    });
}

async function open(browser, options) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints = [];
    page.on("console", message => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", error => complaints.push(error.message));
    page.on("requestfailed", request => complaints.push(`${request.url()} failed`));
    page.on("request", request => request.url().startsWith(url) || request.url().startsWith("data:") || complaints.push(`asked for ${request.url()}`));
    await page.goto(url);
    return { page, complaints };
}

async function picture(page, name) {
    if (pictures) {
        await page.screenshot({ path: `${pictures}/${name}.png` });
    }
}

async function main() {
    for (let number = 0; number < 500; number++) {
        await register(`SERVICE-${String(number).padStart(3, "0")}`, `i${number}`);
    }
    check("hostile text is registered", (await register(attack, attack, { hostName: attack, ipAddr: attack, metadata: { zone: attack, version: attack, [attack]: attack } })) === 204);
    const browser = await chromium.launch({
        executablePath: browserPath,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });

    const { page, complaints } = await open(browser, { viewport: { width: 1300, height: 900 } });
    check("all services are there", (await page.locator(".service").count()) === 501);
    check("hostile text is shown as text", (await page.getByText(attack).count()) > 0 && (await page.evaluate(() => window.hit)) === undefined && (await page.locator("img").count()) === 0);
    await page.locator("#filter").fill("service-42");
    check("the filter leaves what fits", (await page.locator(".service:visible").count()) === 10, await page.locator("#found").textContent());
    check("the filter says how much it leaves", (await page.locator("#found").textContent()) === "10 of 501 services");
    await page.locator("#filter").fill("i499");
    check("the filter finds instances and opens their service", await page.locator(".service:visible td", { hasText: "i499" }).isVisible());
    await picture(page, "filtered");
    await page.locator("#filter").fill("");
    await page.locator(".service", { hasText: "SERVICE-007" }).locator("summary").click();
    const mark = await page.evaluate(() => (window.mark = Math.random()));
    await register("SERVICE-007", "another", { status: "DOWN" });
    await page.locator("td", { hasText: "another" }).first().waitFor({ state: "visible", timeout: 20000 });
    check("a change appears by itself, without a reload, in the service that is open", (await page.evaluate(() => window.mark)) === mark);
    check("a service with an instance that is not UP stands first", (await page.locator(".service h2").first().textContent()) === "SERVICE-007");
    check("the filter says that it takes a status", (await page.locator("#filter").getAttribute("placeholder")).includes("status"));
    await page.locator("#filter").fill("down");
    check("the filter finds a status", (await page.locator(".service:visible").count()) === 1);
    await page.locator("#filter").fill("");
    const about = await page.locator("#about").textContent();
    await page.waitForFunction(before => document.getElementById("about").textContent !== before, about, { timeout: 20000 });
    check("the age in the footer is refreshed with the rest", true);
    await page.getByRole("link", { name: "not UP, not called" }).click();
    await page.waitForURL(/show=not-up/);
    check("a click shows alone what is not UP", (await page.locator("#services tbody tr").count()) === 1 && (await page.locator("#services td", { hasText: "another" }).count()) > 0);
    await register("SERVICE-008", "second", { status: "STARTING" });
    await page.locator("td", { hasText: "second" }).first().waitFor({ state: "visible", timeout: 20000 });
    check("that view is refreshed too, and stays", (await page.locator("#services tbody tr").count()) === 2);
    await picture(page, "not-up");
    await send("DELETE", "apps/SERVICE-008/second");
    await page.getByRole("link", { name: "All services" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".service").length === 501, null, { timeout: 20000 });
    check("and there is a way back", !page.url().includes("show"));
    await send("DELETE", "apps/SERVICE-007/another");
    await page.waitForFunction(() => ![...document.querySelectorAll("#services td")].some(cell => cell.textContent.includes("another")), null, { timeout: 20000 });
    check("what leaves disappears", true);
    await picture(page, "light");
    check("the browser complains about nothing and asks nobody else", complaints.length === 0, complaints.join("; "));

    const plain = await open(browser, { javaScriptEnabled: false, viewport: { width: 1300, height: 900 } });
    check("without JavaScript everything can be read", (await plain.page.locator(".service").count()) === 501 && !(await plain.page.locator("#tools").isVisible()));
    check("without JavaScript it refreshes itself", (await plain.page.locator("meta[http-equiv=refresh]").count()) === 1);
    await plain.page.locator(".service", { hasText: "SERVICE-007" }).locator("summary").click();
    check("without JavaScript a service opens", await plain.page.locator(".service", { hasText: "SERVICE-007" }).locator("td", { hasText: "eu-1a" }).isVisible());

    const dark = await open(browser, { colorScheme: "dark", viewport: { width: 400, height: 800 } });
    const background = await dark.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    check("it is dark for those who want it dark", background === "rgb(20, 22, 26)", background);
    const width = await dark.page.evaluate(() => document.documentElement.scrollWidth);
    check("it fits a narrow screen", width <= 400, `${width} px`);
    await picture(dark.page, "dark");
    await browser.close();
}

main().then(() => process.exit(failed === 0 ? 0 : 1), error => {
    console.error(`not ok - ${error.message}`);
    process.exit(1);
});
