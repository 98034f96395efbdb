// The shell's Python listeners on MicroPython alone, without PyScript's core.
const tag = document.querySelector('script[type="mpy"]'); // without the core it is but text
const { interpreter, files } = JSON.parse(tag.getAttribute("config"));
const read = async (url) => (await fetch(url)).text();
const sources = Promise.all(Object.entries(files).map(async ([url, path]) => [path, await read(url)]));
const script = read(tag.src);

const { loadMicroPython } = await import(interpreter);
const micropython = await loadMicroPython({ url: interpreter.replace(/\.mjs$/, ".wasm") });

const write = (path, text) => {
  const folders = path.replace(/^\.\//, "").split("/").slice(0, -1);
  folders.reduce((above, name) => {
    const folder = `${above}/${name}`;
    if (!micropython.FS.analyzePath(folder).exists) micropython.FS.mkdir(folder);
    return folder;
  }, ".");
  micropython.FS.writeFile(path, text);
};
write("./pyscript/__init__.py", "import js as window\n");
write("./pyscript/ffi.py", "from jsffi import create_proxy\n");
for (const [path, text] of await sources) write(path, text);
micropython.runPython(await script);
