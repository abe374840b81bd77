// The panel of an experiment: its question, its run, and the picture that grows.
import { compute } from "./go.js";
import { predict, predicted } from "./score.js";

let machine; // the Worker; it goes on from page to page
let isReady = false;
let panel; // that of the page which is shown
let running; // the panel that waits for the machine's answer

const part = (id) => panel.querySelector(`#${id}`);

export function setUpRun() {
	panel = document.getElementById("run");
	if (!panel) return;
	panel.hidden = false;
	setUpQuestion();
	if (!panel.dataset.weight) return;
	if (isReady) part("weight").hidden = true;
	part("controls").addEventListener("submit", (event) => {
		event.preventDefault();
		run();
	});
	part("controls").addEventListener("change", () => {
		if (running === panel) machine.postMessage({ pace: pace() });
		showButtons();
	});
	part("next").addEventListener("click", () => machine.postMessage({ step: true }));
	part("stop").addEventListener("click", () => halt("Stopped."));
}

const pace = () => part("controls").elements.pace.value;

function setUpQuestion() {
	const name = `${panel.dataset.lab}/${panel.dataset.test}`;
	const question = part("question");
	const recorded = document.getElementById("recorded");
	const cover = document.getElementById("cover");
	if (!question) return;
	const uncover = () => {
		cover.hidden = true;
		recorded.hidden = false;
	};
	const isCovered = !predicted(name) && !location.hash;
	cover.hidden = !isCovered;
	recorded.hidden = isCovered;
	cover.querySelector("button").addEventListener("click", uncover);
	if (predicted(name)) showAnswer();
	question.addEventListener("change", () => {
		const chosen = question.querySelector("input:checked");
		predict(name, Number(chosen.value), chosen.hasAttribute("data-right"));
		if (panel.dataset.weight) {
			part("answered").textContent = "Now run it, and see.";
		} else {
			showAnswer();
			uncover();
		}
	});
}

function showAnswer() {
	const given = predicted(`${panel.dataset.lab}/${panel.dataset.test}`);
	const question = part("question");
	if (!question || !given) return;
	const right = question.querySelector("[data-right]");
	for (const input of question.querySelectorAll("input")) {
		input.disabled = true;
		input.checked = input.value === String(given.answer);
	}
	part("answered").textContent = `${given.isRight ? "✓ You were right" : "✗ Not so"}: ${right.parentElement.textContent.trim()}.`;
}

function start() {
	machine = new Worker(new URL("machine.js?use-scheduling-api", import.meta.url), { type: "module" });
	machine.onmessage = ({ data }) => take(data);
	machine.onerror = (event) => halt(`The machine does not start: ${event.message ?? "its script can't be loaded"}.`);
}

async function run() {
	if (!machine) start();
	running = panel;
	part("live").replaceChildren();
	part("clock").value = "";
	part("state").textContent = isReady ? "Starting the test …" : "Loading the machine …";
	showButtons();
	await compute("begin", panel.dataset.lab);
	machine.postMessage({
		run: {
			Binary: `${panel.dataset.lab}.test`,
			Args: ["-test.v=test2json", "-test.paniconexit0", "-test.timeout=24h", `-test.run=^${panel.dataset.test}$`],
			Env: ["LABS_LONG=on", "LABS_STORY=data", "HOME=/tmp", "TMPDIR=/tmp"],
		},
		pace: pace(),
	});
}

function showButtons() {
	const isRunning = running === panel;
	part("go").disabled = Boolean(running);
	part("stop").hidden = !isRunning;
	part("next").hidden = !isRunning || pace() !== "step";
}

// halt ends the machine. The next run starts it anew, from the state that it had when it was made.
function halt(why) {
	machine.terminate();
	machine = undefined;
	isReady = false;
	const state = running?.querySelector("#state");
	running = undefined;
	if (state) state.textContent = why;
	if (panel) showButtons();
}

let text = "";
let isDrawing = false;

async function take(message) {
	const state = running?.querySelector("#state");
	if (!state) return;
	if (message.failed) halt(`The machine can't be loaded (${message.failed}). The recorded picture is below.`);
	if (message.loading) {
		const percent = message.of ? ` ${Math.round((100 * message.loading) / message.of)} %` : "";
		state.textContent = `Loading the machine:${percent}`;
	}
	if (message.ready) {
		isReady = true;
		state.textContent = "Starting the test …";
		running.querySelector("#weight").hidden = true;
		navigator.serviceWorker?.controller?.postMessage("keep all");
	}
	if (message.clock !== undefined) running.querySelector("#clock").value = `${(message.clock / 1000).toFixed(1)} s on the machine’s clock`;
	if (message.text) {
		text += message.text;
		draw();
	}
	if (message.ended !== undefined) {
		while (isDrawing) await new Promise((done) => setTimeout(done, 20));
		end(message.ended);
	}
}

// draw draws what has come so far; what comes meanwhile is drawn after it.
async function draw() {
	if (isDrawing) return;
	isDrawing = true;
	const panelOfRun = running;
	while (text && running === panelOfRun) {
		const next = text;
		text = "";
		for (const shown of await compute("take", next)) show(panelOfRun, shown);
	}
	isDrawing = false;
}

function show(panelOfRun, shown) {
	const live = panelOfRun.querySelector("#live");
	let place = live.querySelector(`[data-of="${CSS.escape(shown.Test)}"]`);
	if (!place) {
		place = document.createElement("div");
		place.dataset.of = shown.Test;
		if (shown.Test.includes("/")) {
			const heading = document.createElement("h3");
			heading.textContent = shown.Test.slice(shown.Test.indexOf("/") + 1).replaceAll("_", " ");
			place.append(heading);
		}
		live.append(place);
	}
	if (shown.Picture) {
		let seen = place.querySelector(".seen");
		if (!seen) {
			seen = document.createElement("div");
			seen.className = "seen";
			place.append(seen);
		}
		seen.innerHTML = shown.Picture; // of package picture, which escapes all text
		panelOfRun.querySelector("#state").textContent = "";
	}
	if (shown.Result) place.dataset.result = shown.Result;
	place.dataset.says = shown.Says;
}

const words = {
	pass: "✓ It passed: the kernel did what the experiment says.",
	skip: "– It was skipped",
	fail: "✗ It failed",
};

function end(status) {
	const ofRun = running;
	running = undefined;
	const results = [...ofRun.querySelectorAll("#live > [data-result]")];
	const worst = ["fail", "skip", "pass"].find((result) => results.some((r) => r.dataset.result === result));
	const result = status === 0 ? (worst ?? "fail") : "fail";
	const says = results.find((r) => r.dataset.result === result)?.dataset.says;
	ofRun.dataset.result = result;
	ofRun.querySelector("#state").textContent = result === "pass" ? words.pass : `${words[result]}: ${says || `status ${status}`}`;
	if (ofRun === panel) {
		showAnswer();
		document.getElementById("cover").hidden = true;
		document.getElementById("recorded").hidden = false;
	}
	if (panel) showButtons();
}
