"use strict";
// Refreshes the page in place every few seconds, keeping what is open, filtered and scrolled to. The page can be read without it.
(() => {
    const every = 5000;
    const input = document.getElementById("filter");
    const found = document.getElementById("found");
    const stale = document.getElementById("stale");
    const changed = new Map();
    let since = null;

    // What a person opened or closed wins over what the page opens by itself.
    document.addEventListener("click", event => {
        const summary = event.target.closest("summary");
        if (summary) {
            const details = summary.parentElement;
            changed.set(name(details), !details.open);
        }
    });

    function name(details) {
        return details.querySelector("h2").textContent;
    }

    function filter() {
        const wanted = input.value.trim().toLowerCase();
        const services = document.querySelectorAll(".service");
        let shown = 0;
        for (const service of services) {
            const whole = name(service).toLowerCase().includes(wanted);
            let any = whole;
            for (const row of service.querySelectorAll("tbody tr")) {
                const visible = whole || row.textContent.toLowerCase().includes(wanted);
                row.hidden = !visible;
                any = any || visible;
            }
            service.hidden = !any;
            service.open = wanted && any ? true : changed.get(name(service)) ?? service.dataset.open === "true";
            shown += any ? 1 : 0;
        }
        found.textContent = wanted ? `${shown} of ${services.length} services` : "";
    }

    function remember() {
        for (const service of document.querySelectorAll(".service")) {
            service.dataset.open = service.open;
        }
        filter();
    }

    async function refresh() {
        if (document.hidden) {
            return;
        }
        try {
            const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(every) });
            if (!answer.ok) {
                throw new Error(`HTTP ${answer.status}`);
            }
            // Only the part that changes: style and script of that answer carry another number and would be blocked with a complaint.
            const text = await answer.text();
            const shown = text.slice(text.indexOf("<main>"), text.indexOf("</footer>"));
            const page = new DOMParser().parseFromString(shown, "text/html");
            for (const id of ["state", "services", "more", "about"]) {
                document.getElementById(id).replaceWith(document.adoptNode(page.getElementById(id)));
            }
            since = null;
            stale.textContent = "";
            remember();
        } catch (error) {
            since ??= new Date();
            stale.textContent = `Not refreshed since ${since.toLocaleTimeString()}: the registry does not answer (${error.message}).`;
        }
    }

    document.getElementById("tools").hidden = false;
    input.addEventListener("input", filter);
    remember();
    setInterval(refresh, every);
})();
