// Loaded only by pages that are live. Behaviours find it as window.io.
import { io } from "socket.io-client";

window.io = io;
