// Run the listeners' test modules on MicroPython: node run_on_micropython.mjs < {"files": {path: text}, "modules": [...]}
// Prints one JSON object: {"module::test": "" or the traceback}.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.cwd(), "package.json"));
const loader = require.resolve("@micropython/micropython-webassembly-pyscript/micropython.mjs");
const { loadMicroPython } = await import(loader);
const { files, modules } = JSON.parse(fs.readFileSync(0, "utf8"));
const python = await loadMicroPython({ url: loader.replace(/\.mjs$/, ".wasm"), stdout: (line) => console.error(line) });

for (const [name, text] of Object.entries(files)) {
  const folders = name.split("/").slice(0, -1);
  folders.forEach((_, index) => {
    const folder = folders.slice(0, index + 1).join("/");
    if (!python.FS.analyzePath(folder).exists) python.FS.mkdir(folder);
  });
  python.FS.writeFile(name, text);
}

const results = {};
python.registerJsModule("results", { put: (name, trace) => { results[name] = trace; } });
python.runPython(`
import io, sys
import results

def run(module_name):
    module = __import__(module_name)
    for name in dir(module):
        if name.startswith("test_"):
            trace = ""
            try:
                getattr(module, name)()
            except BaseException as error:
                stream = io.StringIO()
                sys.print_exception(error, stream)
                trace = stream.getvalue()
            results.put(module_name + "::" + name, trace)
`);
for (const module of modules) python.globals.get("run")(module);
console.log(JSON.stringify(results));
