// The panel of an experiment: its question, and its run.
import { halt, isBusy, isLoaded, run, setPace, step } from "./guest.js";
import { predict, predicted } from "./score.js";

export function setUpRun() {
	const panel = document.getElementById("run");
	if (!panel) return;
	panel.hidden = false;
	const question = setUpQuestion(panel);
	if (panel.dataset.weight) setUpControls(panel, question);
}

// setUpQuestion asks what will happen, if the experiment does. Until there is a guess, or nobody wants to, what was recorded
// is covered.
function setUpQuestion(panel) {
	const name = `${panel.dataset.lab}/${panel.dataset.test}`;
	const recorded = document.getElementById("recorded");
	const cover = document.getElementById("cover");
	const question = panel.querySelector("#question");
	const uncover = () => {
		cover.hidden = true;
		recorded.hidden = false;
	};
	const showAnswer = () => {
		uncover();
		const given = predicted(name);
		if (!question || !given) return;
		for (const input of question.querySelectorAll("input")) {
			input.disabled = true;
			input.checked = input.value === String(given.answer);
		}
		const right = question.querySelector("[data-right]").parentElement.textContent.trim();
		panel.querySelector("#answered").textContent = `${given.isRight ? "✓ You were right" : "✗ Not so"}: ${right}.`;
	};
	if (question) {
		const isCovered = !predicted(name) && !location.hash;
		cover.hidden = !isCovered;
		recorded.hidden = isCovered;
		cover.querySelector("button").addEventListener("click", uncover);
		if (predicted(name)) showAnswer();
		question.addEventListener("change", () => {
			const chosen = question.querySelector("input:checked");
			predict(name, Number(chosen.value), chosen.hasAttribute("data-right"));
			if (panel.dataset.weight) panel.querySelector("#answered").textContent = "Now run it, and see.";
			else showAnswer();
		});
	}
	return { showAnswer };
}

const says = {
	pass: "✓ It passed: the kernel did what the experiment says.",
	skip: "– It was skipped",
	fail: "✗ It failed",
};

function setUpControls(panel, { showAnswer }) {
	const part = (id) => panel.querySelector(`#${id}`);
	const controls = part("controls");
	const pace = () => controls.elements.pace.value;
	let isRunning = false;
	const showButtons = () => {
		part("go").disabled = isRunning;
		part("stop").hidden = !isRunning;
		part("next").hidden = !isRunning || pace() !== "step";
		part("weight").hidden = isLoaded();
	};
	showButtons();
	controls.addEventListener("change", () => {
		if (isRunning) setPace(pace());
		showButtons();
	});
	part("next").addEventListener("click", step);
	part("stop").addEventListener("click", () => halt("Stopped."));
	controls.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (isBusy()) halt("Another run took its place.");
		delete panel.dataset.result;
		isRunning = true;
		showButtons();
		const args = [`-test.run=^${panel.dataset.test}$`];
		const ended = await run({ lab: panel.dataset.lab, args, pace: pace(), live: part("live"), state: part("state"), clock: part("clock") });
		isRunning = false;
		const result = ended.status === 0 ? (["fail", "skip", "pass"].find((r) => ended.tests.some((t) => t.Result === r)) ?? "fail") : "fail";
		if (ended.stopped) part("state").textContent = ended.stopped;
		else if (result === "pass") part("state").textContent = says.pass;
		else part("state").textContent = `${says[result]}: ${ended.tests.find((t) => t.Result === result)?.Says || `status ${ended.status}`}`;
		panel.dataset.result = ended.stopped ? "stopped" : result;
		if (!ended.stopped && panel.isConnected) showAnswer();
		showButtons();
	});
}
