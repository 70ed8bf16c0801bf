// Talking to the playground's server, which answers only pages that it has served in this run.
const TOKEN = document.querySelector("meta[name=page-token]").content;

function request(path, body, signal) {
  return fetch(`/page/${path}`, {
    method: body ? "POST" : "GET",
    headers: { "X-Page-Token": TOKEN, ...(body ? { "Content-Type": "application/json" } : {}) },
    body: body ? JSON.stringify(body) : null,
    signal,
  });
}

/** What it answers, as an object; throws an Error whose message is for the person. */
export async function call(path, body, signal) {
  const answer = await request(path, body, signal);
  if (answer.status === 403) throw new Error("The workspace was started again: load this page again.");
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error);
  return result;
}

/** The bytes of a file. */
export async function load(path) {
  const answer = await request(path);
  if (!answer.ok) throw new Error("That file is not there.");
  return answer.blob();
}
