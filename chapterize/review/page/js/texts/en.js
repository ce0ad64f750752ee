// English.

const many = (n, one, more) => `${n} ${n === 1 ? one : more}`;

export default {
  skip: "Skip to the chapters", player: "Player", transport: "Playback", panels: "Panels", close: "Close", cancel: "Cancel", more: "More",
  saved: "Saved", away: "Not connected", saving: "Saving…", failed: "Not saved", retry: "Try again",
  undo: "Undo", redo: "Redo", publish: "Publish", pasteList: "Paste a list of chapters", restore: "Restore the first draft", allKeys: "Keyboard shortcuts",
  theme: "Theme", themeAuto: "System", themeLight: "Light", themeDark: "Dark",

  play: "Play", pause: "Pause", back5: "Back 5 seconds", ahead5: "Forward 5 seconds", frameBack: "Previous frame", frameOn: "Next frame",
  previousChapter: "Previous chapter", nextChapter: "Next chapter", speed: "Speed", slower: "Slower", faster: "Faster", normalSpeed: "Normal speed",
  mute: "Mute", unmute: "Unmute", fullScreen: "Full screen",
  preparing: "Preparing the video", preparingWhy: "The browser cannot play this file as it is. A copy for this page is being made; you can edit meanwhile.",
  mediaFailed: "The video cannot be shown", noMedia: "Nothing to play", noMediaWhy: "There is no video or audio in this file. Chapters can still be edited.",
  audioOnly: "Audio only",

  timeline: "Timeline", loudness: "Loudness", topicCurve: "Topic change", slideChange: "Slide change", zoomIn: "Zoom in", zoomOut: "Zoom out", zoomFit: "Show everything",
  scrollTimeline: "Scroll the timeline", peaksPreparing: "Reading the audio…", boundary: (n) => `Start of chapter ${n}`, sliderText: (time, title) => `${time}, ${title}`,
  snapSentence: "sentence", snapPause: "end of a pause", snapSlide: "slide change",

  chapters: "Chapters", details: "Details", transcript: "Transcript", add: "Add", addHere: "Add a chapter at the playhead",
  howMany: "How many chapters", comparison: "Current and new chapters", notes: "Notes", coarse: "Coarse", normal: "Normal", fine: "Fine", few: "Few", many: "Many", likely: (low, high) => `Likely ${low} to ${high}`, apply: "Apply",
  nChapters: (n) => many(n, "chapter", "chapters"),
  compareWhat: (now, next, fresh, gone, locked) => `${now} now, ${next} new: ${fresh} added, ${gone} removed${locked ? `; ${locked} locked stay` : ""}`,
  kept: "kept", gone: "removed", fresh: "new", newBoundary: "New chapter", newChapter: "New chapter", hasProblem: "breaks a platform rule", isLockedShort: "Locked", confidenceIs: (n) => `Confidence ${n} %`,

  chapterOf: (n, all) => `Chapter ${n} of ${all}`, chapterN: (n) => `Chapter ${n}`, is_added: "added", is_moved: "moved", is_retitled: "retitled",
  title: "Title", startsAt: "Starts at", minus1: "−1 s", plus1: "+1 s", earlier1: "1 second earlier", later1: "1 second later", earlier01: "0.1 seconds earlier", later01: "0.1 seconds later", suggestions: "Suggested titles", changeChapter: "Change this chapter",
  around: "Play around", aroundLong: "Play from 2 seconds before the start to 2 after", lock: "Lock", lockLong: "Lock this start, so that nothing moves or removes it",
  moveHere: "Move here", moveHereLong: "Move the start to the playhead", split: "Split", splitLong: "Split at the playhead", merge: "Merge", mergeLong: "Merge with the previous chapter",
  shift: "Shift all after", shiftLong: "Shift this start and all later ones", delete: "Delete", deleteLong: "Delete this chapter; its time goes to its neighbour",
  why: "Why here", said: "What is said", confidence: "Confidence", topicChange: "Topic change", cueWords: "Announced by", slide: "New slide", slideAt: (heading, time) => `“${heading}” at ${time}`, slideOf: (heading) => heading ? `Slide: ${heading}` : "Slide", marker: "Your marker", wordsGone: "Words that end", wordsNew: "Words that start",
  seconds: (n) => `${n} s`, quoted: (list) => list.map((words) => `“${words}”`).join(", "), whyFirst: "The first chapter starts with the video.", whyNothing: "No sign of a new topic was found here.",
  noWords: "No words", noWordsLong: "There are no captions and no recognised speech for this file. You can still set chapters by what you hear and see.", follow: "Follow",

  isLocked: "This start is locked. Unlock it to move or remove it.", tooClose: "A chapter already starts here.", merged: (title) => `“${title}” was merged with its neighbour.`,
  otherTab: "Changed in another tab.", noAnswer: "The program does not answer. Is it still running in the terminal?", otherRun: "This page belongs to an earlier run of the program. Open the address of the new one.", back: "Connected again.", restored: "The first draft was restored.", listUsed: "The pasted list was applied.",

  conflict: "Changed in another tab", conflictLong: "These chapters were changed elsewhere after this page loaded them. Which list do you want to keep? Undo brings back the other.",
  theirs: "Changed there", mine: "Changed here", takeTheirs: "Use theirs", keepMine: "Keep mine",
  pasteLong: "One chapter a line, such as “1:23 Title”. Other chapter formats are read too.", pasteRead: (n, last) => `${many(n, "chapter", "chapters")}, the last at ${last}.`, useList: "Use this list",
  shiftBy: "Seconds (negative: earlier)", shiftWhat: (n, locked) => `${many(n, "start moves", "starts move")}${locked ? `; ${locked} locked stay` : ""}.`, shiftBreaks: "That would put the starts out of order.", shiftApply: "Shift",

  copyList: "Copy the list", platform: "Platform", copy: "Copy", listText: "The list to copy", readyFor: (name) => `Ready for ${name}`, corrects: (n, name) => `${many(n, "correction", "corrections")} for ${name}`, refuses: (name) => `${name} will not accept this`,
  corrected: "Corrected in the list above, so that the platform accepts it:", copied: (name) => `Copied for ${name}.`,
  saveFile: "Save a chapter file", format: "Format", nextToVideo: "Save next to the video", download: "Download",
  makeVideo: "Make a video", embed: "Embed", embedLong: "A copy with chapter marks inside, not re-encoded", render: "Render titles", renderLong: "A copy with the titles shown in it",
  splitFiles: "Split into files", splitFilesLong: "One file for each chapter", send: "Send", sendLong: "To the remote session; you first see what will be sent",
  tasks: "Tasks", fileExists: "This file already exists", replace: "Replace",
  ask_send: "Send this?", agree_send: "Send", ask_plan: "The service did not do everything that was requested", agree_plan: "Render anyway", ask_pay_again: "This was already paid for", agree_pay_again: "Repeat and pay",
  stage_waiting: "Waiting", stage_cancelling: "Cancelling…", state_running: "running", state_done: "done", state_failed: "failed", state_cancelled: "cancelled", state_asking: "waiting for your answer",

  keyEdit: "Edit the title; again: the next title", keyAlt: "While dragging: do not snap", keyEscape: "Cancel",

  noToken: "This page needs its full address", noTokenLong: "Open the address that “chapterize review” printed in the terminal; it ends with a token for this run.",
};
