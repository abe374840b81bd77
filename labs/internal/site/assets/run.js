// The panel of an experiment: its question, and its run.
import { halt, isBusy, isLoaded, run, setPace, step } from "./guest.js";
import { predict, predicted, see } from "./score.js";

export function setUpRun() {
	const panel = document.getElementById("run");
	if (!panel) return;
	panel.hidden = false;
	const question = setUpQuestion(panel);
	if (panel.dataset.weight) setUpControls(panel, question);
}

// setUpQuestion sets up the experiment's question, if it has one. The recorded run is hidden until there is a guess, or until the
// visitor asks to see it. After that, nobody can guess.
function setUpQuestion(panel) {
	const question = panel.querySelector("#question");
	if (!question) return { allow() {}, showAnswer() {} };
	const name = `${panel.dataset.lab}/${panel.dataset.test}`;
	const recorded = document.getElementById("recorded");
	const cover = document.getElementById("cover");
	const answered = panel.querySelector("#answered");
	const allow = (may) => (question.querySelector("fieldset").disabled = !may || Boolean(predicted(name)));
	const show = (isShown) => {
		recorded.hidden = !isShown;
		cover.hidden = isShown;
	};
	const showAnswer = () => {
		see(name);
		show(true);
		allow(false);
		const { answer, isRight } = predicted(name) ?? {};
		for (const input of question.querySelectorAll("input")) input.checked = input.value === String(answer);
		const right = question.querySelector("[data-right]").parentElement.textContent.trim();
		const guess = isRight ? "✓ You were right" : "✗ Not so";
		answered.textContent = `${answer === undefined ? "The answer" : guess}: ${right}.`;
	};
	const isLinked = recorded.contains(document.getElementById(location.hash.slice(1))); // the link leads to a part of the recorded run
	if (predicted(name) || isLinked) showAnswer();
	else show(false);
	cover.querySelector("button").addEventListener("click", showAnswer);
	question.addEventListener("submit", (event) => {
		event.preventDefault();
		const chosen = question.querySelector("input:checked");
		predict(name, Number(chosen.value), chosen.hasAttribute("data-right"));
		allow(false);
		if (panel.dataset.weight) answered.textContent = "Now run it, and see.";
		else showAnswer();
	});
	return { allow, showAnswer };
}

const says = {
	pass: "✓ It passed: the kernel did what the experiment says.",
	skip: "– It was skipped",
	fail: "✗ It failed",
};

function setUpControls(panel, question) {
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
		question.allow(false);
		const args = [`-test.run=^${panel.dataset.test}$`];
		const ended = await run({ lab: panel.dataset.lab, args, pace: pace(), live: part("live"), state: part("state"), clock: part("clock") });
		isRunning = false;
		const result = ended.status === 0 ? (["fail", "skip", "pass"].find((r) => ended.tests.some((t) => t.Result === r)) ?? "fail") : "fail";
		if (ended.stopped) part("state").textContent = ended.stopped;
		else if (result === "pass") part("state").textContent = says.pass;
		else part("state").textContent = `${says[result]}: ${ended.tests.find((t) => t.Result === result)?.Says || `status ${ended.status}`}`;
		panel.dataset.result = ended.stopped ? "stopped" : result;
		if (!ended.stopped) question.showAnswer();
		else if (ended.tests.length === 0) question.allow(true); // the run has shown nothing
		showButtons();
	});
}
