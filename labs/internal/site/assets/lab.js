// Runs the command inpage. It is a classic Worker: Go's own script is no module.
importScripts("wasm_exec.js");

async function load(name) {
	const answer = await fetch(name);
	if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
	return answer;
}

const isReady = (async () => {
	const go = new Go();
	const program = await (await load("lab.wasm")).arrayBuffer();
	const { instance } = await WebAssembly.instantiate(program, go.importObject);
	await new Promise((ready) => {
		globalThis.ready = ready;
		go.run(instance);
	});
})();

// What the search knows is loaded for the first search.
let knows;

async function learnAll() {
	const wrong = JSON.parse(learn(await (await load("experiments.json")).text()));
	if (wrong) throw new Error(`experiments.json: ${wrong}`);
}

onmessage = async ({ data: { id, name, args } }) => {
	try {
		await isReady;
		if (name === "find") await (knows ??= learnAll());
		postMessage({ id, result: JSON.parse(globalThis[name](...args)) });
	} catch (error) {
		postMessage({ id, failed: error.message });
	}
};
