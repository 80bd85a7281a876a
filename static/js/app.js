// Attaches each behaviour to the elements that ask for it: <form data-behaviour="composer">.
// A page must work without any of this; one behaviour that fails must not take the others along.

import aloud from "./behaviours/aloud.js";
import changes from "./behaviours/changes.js";
import composer from "./behaviours/composer.js";
import desk from "./behaviours/desk.js";
import draft from "./behaviours/draft.js";
import errors from "./behaviours/errors.js";
import files from "./behaviours/files.js";
import keymap from "./behaviours/keymap.js";
import keys from "./behaviours/keys.js";
import lease from "./behaviours/lease.js";
import leave from "./behaviours/leave.js";
import look from "./behaviours/look.js";
import paper from "./behaviours/paper.js";
import queue from "./behaviours/queue.js";
import reading from "./behaviours/reading.js";
import reroll from "./behaviours/reroll.js";
import room from "./behaviours/room.js";
import seat from "./behaviours/seat.js";
import speak from "./behaviours/speak.js";
import stay from "./behaviours/stay.js";

const behaviours = { aloud, changes, composer, desk, draft, errors, files, keymap, keys, lease, leave, look, paper, queue, reading, reroll, room, seat, speak, stay };

function attach(element, name) {
  try {
    behaviours[name](element);
  } catch (error) {
    console.error(`behaviour ${name}:`, error);
  }
}

for (const element of document.querySelectorAll("[data-behaviour]")) {
  for (const name of element.dataset.behaviour.split(" ")) attach(element, name);
}
