// Runs the command inpage. This is a classic Worker, because Go's own script is not a module.
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

// The experiments for the search are loaded with the first search.
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
