// SPDX-License-Identifier: MIT
// The buttons of the demo site: send a body, or ask many times at once.
"use strict";

const seconds = (since) => ((performance.now() - since) / 1000).toFixed(2);

async function send(button, output) {
	const from = document.getElementById(button.dataset.from);
	const body = from.type === "file" ? from.files[0] : from.value;
	const start = performance.now();

	if (body === undefined) {
		output.textContent = "Choose a file first.";
		return;
	}
	const response = await fetch(button.dataset.send,
		{ method: "POST", body });
	const text = await response.text();
	output.textContent = `${response.status} after ${seconds(start)} s, ` +
		`mode ${response.headers.get("X-Mode")}\n${text.slice(0, 2000)}`;
}

async function askMany(button, output) {
	const count = Number(button.dataset.many);
	const start = performance.now();
	let answered = 0;

	await Promise.all(Array.from({ length: count }, async () => {
		const response = await fetch("/sleepy?ms=1000",
			{ cache: "no-store" });
		await response.text();
		answered++;
		output.textContent =
			`${answered} of ${count} after ${seconds(start)} s`;
	}));
}

for (const button of document.querySelectorAll("button")) {
	const output = button.parentElement.querySelector("output");
	const act = button.dataset.many ? askMany : send;

	button.addEventListener("click", async () => {
		button.disabled = true;
		try {
			await act(button, output);
		} catch (error) {
			output.textContent = `failed: ${error.message}`;
		}
		button.disabled = false;
	});
}

// The other site is on the same host; its port is told in a field.
for (const link of document.querySelectorAll("a.other")) {
	link.hostname = location.hostname;
	fetch("/", { method: "HEAD" }).then((response) => {
		link.port = response.headers.get("X-Other-Port") ?? link.port;
	});
}
