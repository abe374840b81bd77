// The site's own worker (offline.js, published as worker.js) answers what its pages ask for: it keeps the site for use without a network, and says the site's
// policy to other Workers, which have no page that says it.

const registered = (async () => navigator.serviceWorker.register(new URL("../worker.js", import.meta.url)))();

// isAnswered is over once the worker answers, which takes a moment on a first visit, or once it is known that it won't: a browser may
// have none, and the site goes on without.
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

// keepAll keeps all of the site.
export async function keepAll() {
	await isAnswered;
	const { active } = await registered.catch(() => ({}));
	active?.postMessage("keep all");
}
