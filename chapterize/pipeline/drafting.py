"""The order of stages: media, transcript, sentences, vectors, boundaries, titles."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from chapterize.data import (
    Boundaries,
    Chapters,
    Media,
    OnNote,
    OnProgress,
    Sentence,
    Signals,
    Transcript,
    Vectors,
)
from chapterize.fingerprint import file_fingerprint
from chapterize.language import guess_language
from chapterize.pipeline.draft import (
    Draft,
    chapter_headings,
    chapter_texts,
    place_titles,
    plain_titles,
)
from chapterize.pipeline.edits import read_edits
from chapterize.pipeline.habits import habit_for, habit_note, with_habit
from chapterize.pipeline.keeping import keep_existing, markers_note, with_markers
from chapterize.pipeline.kept import keep
from chapterize.pipeline.options import Engines, Options, embedder_of, reader_of
from chapterize.pipeline.run import Run
from chapterize.pipeline.signals import signals_of
from chapterize.pipeline.words import given, read
from chapterize.segment import SegmentOptions, other_divisions, segment, textless_sentences
from chapterize.sentences import resentence
from chapterize.title import KeyphraseTitler, entitle, load_titler
from chapterize.vectors import embed_sentences

__all__ = ["make_draft"]

_NONE = Chapters((), 0.0)
"""The chapters of a draft before they are found."""


def make_draft(
    source: Path | str | Media,
    options: Options | None = None,
    *,
    transcript: Transcript | None = None,
    engines: Engines | None = None,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> Draft:
    """Draft chapters for one media file or caption file.

    Parameters
    ----------
    source : a media file, its opened `Media`, or a caption file alone.
    transcript : use this transcript; no captions are looked for and no speech is recognised.
    engines : engines to use instead of those that `options` describe.
    on_progress : called as ``on_progress(stage, fraction)``.
    on_note : called with each sentence the user should read, as soon as it is known (for example
        before a download starts). ``Draft.notes`` holds all of them too.

    Raises
    ------
    InputError : the file, the transcript, the captions or the options cannot be used.
    EngineError, ToolError, MissingDependency : an engine that was asked for failed.
    """
    options, engines = options or Options(), engines or Engines()
    run = Run(options, engines, on_progress, on_note)
    began = time.perf_counter()
    if options.slides == "on" and engines.reader is None:
        reader_of(options, options.language)
    habit = habit_for(source.path if isinstance(source, Media) else Path(source), options)
    if transcript is None:
        media, transcript = read(source, run)
    else:
        media, transcript = given(source, transcript, run)
    for text in (*media.notes, *transcript.notes):
        run.note(text)
    with run.stage("sentences"):
        sentences = resentence(transcript)
        language = options.language or transcript.language
        # The words are more reliable than the tag of an audio track, which is often a default.
        language = language or guess_language(" ".join(s.text for s in sentences[:400]))
        language = language or media.language
        transcript = replace(transcript, language=language)
    signals = Signals()
    if not run.is_titled:
        signals = with_markers(signals_of(media, transcript, bool(sentences), run), run)
    if not sentences:
        sentences = textless_sentences(signals, media.duration)
    run.options = replace(options, segment=with_habit(options.segment, habit))
    boundaries = _divide(sentences, transcript, media, signals, run)
    draft = Draft(media, transcript, sentences, boundaries, _NONE, run.timings, signals=signals)
    if run.keeps:
        draft = keep_existing(draft, run)
    else:
        draft = _drafted(replace(draft, habit=habit), options.segment, run)
    run.timings["total"] = round(time.perf_counter() - began, 4)
    draft = replace(draft, notes=tuple(run.notes), sent=run.sent)
    return _kept(draft, run) if options.edits else draft


def _drafted(draft: Draft, asked: SegmentOptions, run: Run) -> Draft:
    """The draft with titles at the chosen boundaries; `asked` are the options without habit."""
    media, transcript, boundaries = draft.media, draft.transcript, draft.boundaries
    habit = draft.habit
    if asked.is_estimated and (others := other_divisions(boundaries)):
        run.note(others)
    is_marked = bool(draft.signals.markers)
    if habit and not is_marked and (note := habit_note(habit, media.path, asked)):
        run.note(note)
        habit = replace(habit, note=note)
        if habit.lists:
            boundaries = replace(boundaries, how=f"{boundaries.how} and {habit.n_lists}")
    chapters = _entitle(replace(draft, boundaries=boundaries), run)
    if not transcript.cues and transcript.source != "none":
        run.note(_nothing_said(media, chapters))
    draft = replace(draft, boundaries=boundaries, chapters=chapters, habit=habit)
    if marked := markers_note(draft):
        run.note(marked)
    return draft


def _kept(draft: Draft, run: Run) -> Draft:
    """The draft with what a person changed on the review page, if that is stored."""
    edits = read_edits(file_fingerprint(draft.media.path))
    if edits is None:
        return draft
    kept = keep(draft, edits, run.options.segment, titler=run.engines.titler)
    for note in kept.notes:
        run.note(note)
    return kept


def _nothing_said(media: Media, chapters: Chapters) -> str:
    if len(chapters) == 1:
        left = "there is one chapter, named after the file"
    else:
        left = "the chapters come from slide changes"
    return f"No speech was found in {media.path.name}: {left}."


def _divide(
    sentences: tuple[Sentence, ...],
    transcript: Transcript,
    media: Media,
    signals: Signals,
    run: Run,
) -> Boundaries:
    vectors = Vectors(np.zeros((len(sentences), 1), dtype=np.float32))
    if transcript.cues:
        with run.stage("load"):
            embedder = run.engines.embedder or embedder_of(run.options, run.note, run.on_progress)
        with run.stage("vectors"):
            texts = [sentence.text for sentence in sentences]
            vectors = embed_sentences(embedder, texts, on_progress=run.on_progress)
    with run.stage("segment"):
        run.on_progress("finding boundaries", 0.0)
        return segment(
            sentences,
            vectors,
            media.duration,
            signals=signals,
            language=transcript.language,
            options=run.options.segment,
        )


def _entitle(draft: Draft, run: Run) -> Chapters:
    media, boundaries, language = draft.media, draft.boundaries, draft.transcript.language
    headings = chapter_headings(draft.signals, boundaries, media.duration)
    if draft.transcript.cues:
        with run.stage("load"):
            titler = run.engines.titler or load_titler()
        with run.stage("titles"):
            run.on_progress("finding titles", 0.0)
            texts = chapter_texts(draft.sentences, boundaries)
            titles, run.sent, _ = entitle(
                titler, texts, language, run.on_progress, run.note, headings=headings
            )
        if draft.habit is not None and run.options.titles != "none":
            are_phrases = isinstance(titler, KeyphraseTitler)
            titles = draft.habit.titles(titles, language, are_phrases=are_phrases)
    else:
        titles = plain_titles(media, boundaries.chosen, language, headings)
    return place_titles(titles, boundaries, media.duration)
