// Runs the command inpage. It is a classic Worker: Go's own script is no module.
importScripts("wasm_exec.js");

const isReady = new Promise((ready) => (globalThis.ready = ready));

(async () => {
	const go = new Go();
	const program = await (await fetch("lab.wasm")).arrayBuffer();
	const { instance } = await WebAssembly.instantiate(program, go.importObject);
	go.run(instance);
})();

const knows = isReady.then(async () => learn(await (await fetch("experiments.json")).text()));

onmessage = async ({ data: { id, name, args } }) => {
	await (name === "find" ? knows : isReady);
	postMessage({ id, result: JSON.parse(globalThis[name](...args)) });
};
