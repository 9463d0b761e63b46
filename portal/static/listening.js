// Falls silent when the centre says so: what a browser has already fetched would otherwise play on.
// One recording plays at a time. Without this script the players still play, and the server still refuses.
"use strict";

const ASK_EVERY = 4000; // milliseconds

for (const player of document.querySelectorAll("audio")) {
  const card = player.closest("section");
  const source = player.src;
  let asking = 0;

  const say = (which) => {
    for (const line of card.querySelectorAll(".said")) line.hidden = !line.classList.contains(which);
  };

  const silence = () => {
    clearInterval(asking);
    player.pause();
    player.removeAttribute("src");
    player.load();
    player.hidden = true;
    say("ended");
  };

  const ask = async () => {
    try {
      const answer = await fetch(source, { method: "HEAD", cache: "no-store", redirect: "error" });
      if (answer.status === 404 || answer.status === 403) silence();
      return answer.ok;
    } catch {
      return false; // the network may come back; the server has the last word in any case
    }
  };

  player.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== player) other.pause();
    say("");
    clearInterval(asking);
    asking = setInterval(ask, ASK_EVERY);
  });
  player.addEventListener("pause", () => clearInterval(asking));
  player.addEventListener("error", async () => {
    if (!player.hasAttribute("src")) return;
    await ask();
    if (player.hasAttribute("src")) say("failed");
  });
}
