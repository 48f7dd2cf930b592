// Conveniences; the page does its work without them.
"use strict";

const form = document.getElementById("paste");
const area = form.elements.text;
const choose = document.getElementById("choose");

async function show(file) {
  area.value = await file.text();
  form.requestSubmit();
}

choose.hidden = false;
choose.querySelector("input").addEventListener("change", (event) => {
  if (event.target.files.length) show(event.target.files[0]);
});

document.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const [file] = event.dataTransfer.files;
  if (!file) return; // dragged words go where they are dropped
  event.preventDefault();
  show(file);
});

area.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

const copy = document.getElementById("copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(".json pre").textContent);
    document.getElementById("copied").textContent = "Copied.";
  });
}
