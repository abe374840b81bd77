// Boots the machine, and saves its state when its guest is ready for orders: node save.mjs PARTS KERNEL ARCHIVE STATE WORDS.
import { readFileSync, writeFileSync } from "node:fs";

const [parts, kernel, archive, state, words] = process.argv.slice(2);
const { V86 } = await import(`file://${parts}/libv86.mjs`);
const { machine } = await import(new URL("machine.mjs", import.meta.url));

function image(name) {
	const { buffer, byteOffset, length } = readFileSync(name);
	return { buffer: buffer.slice(byteOffset, byteOffset + length) };
}

const emulator = new V86({
	...machine,
	wasm_path: `${parts}/v86.wasm`,
	bios: image(`${parts}/bios.bin`),
	bzimage: image(kernel),
	initrd: image(archive),
	cmdline: words,
	autostart: true,
});

let console = "";
emulator.add_listener("serial0-output-byte", (byte) => {
	console += String.fromCharCode(byte);
	if (/Kernel panic|guest: .*\n|System halted/.test(console)) {
		process.stderr.write(console);
		process.exit(1);
	}
});

let line = "";
emulator.add_listener("serial1-output-byte", async (byte) => {
	line += String.fromCharCode(byte);
	if (byte !== 10) return;
	await emulator.stop();
	writeFileSync(state, new Uint8Array(await emulator.save_state()));
	process.stdout.write(line); // the guest's first message, with its kernel
	process.exit(0);
});
