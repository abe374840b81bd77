// The site's service worker (offline.js, published as worker.js) answers the requests of its pages. It keeps the site for use without
// a network, and sends the site's policy to Workers, which have no page that could set it.

const registered = (async () => navigator.serviceWorker.register(new URL("../worker.js", import.meta.url)))();

// isAnswered resolves once the worker answers, which takes a moment on a first visit, or once it is known that there will be none:
// a browser may not have service workers, and the site works without.
export const isAnswered = registered
	.then(({ active, installing, waiting }) => {
		const coming = installing ?? waiting;
		if (active || !coming) return;
		return new Promise((over) => {
			coming.addEventListener("statechange", () => {
				if (coming.state === "activated" || coming.state === "redundant") over();
			});
		});
	})
	.catch(() => {});

// keepAll keeps the whole site.
export async function keepAll() {
	await isAnswered;
	const { active } = await registered.catch(() => ({}));
	active?.postMessage("keep all");
}
