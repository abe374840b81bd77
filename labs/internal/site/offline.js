// Keeps the site for use without a network: each file as it is requested, and the whole site once the machine was loaded.
const version = "VERSION";
const policy = "POLICY";
const files = ["FILES"];
const first = files.filter((name) => !name.includes("/") || (name.startsWith("assets/") && !name.endsWith(".wasm")));

self.addEventListener("install", (event) => {
	event.waitUntil(keep(first));
	self.skipWaiting();
});

self.addEventListener("activate", (event) => {
	const outdated = caches.keys().then((names) => Promise.all(names.filter((name) => name !== version).map((name) => caches.delete(name))));
	event.waitUntil(outdated.then(() => self.clients.claim()));
});

// nameOf is the URL of a file, without the query.
function nameOf(request) {
	const url = new URL(request.url);
	url.search = url.hash = "";
	if (url.pathname.endsWith("/")) url.pathname += "index.html";
	return url.href;
}

self.addEventListener("fetch", (event) => {
	if (event.request.method === "GET" && event.request.url.startsWith(self.registration.scope)) event.respondWith(answer(event.request));
});

async function answer(request) {
	const cache = await caches.open(version);
	const kept = await cache.match(nameOf(request));
	if (kept) return kept;
	const fresh = await load(request);
	if (fresh.status === 200) await cache.put(nameOf(request), fresh.clone());
	return fresh;
}

// load asks the server for a file even if the browser's cache has it, because that may be an older version. It adds the policy, which
// other hosts than ours don't send. It removes the redirects of a response, because a browser refuses a redirected one for a page.
async function load(request) {
	const answer = await fetch(request, { cache: "no-cache" });
	if (answer.type === "opaqueredirect") return answer;
	const headers = new Headers(answer.headers);
	headers.set("Content-Security-Policy", policy);
	return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

async function keep(names) {
	const cache = await caches.open(version);
	for (const name of names) {
		const address = new URL(name, self.registration.scope).href;
		if (await cache.match(address)) continue;
		const answer = await load(address);
		if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
		await cache.put(address, answer);
	}
}

self.addEventListener("message", (event) => {
	if (event.data === "keep all") event.waitUntil(keep(files));
});
