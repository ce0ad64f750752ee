"""The size of the frames, and the tracks that an MP4 can take."""

from __future__ import annotations

import pytest

from chapterize.media import open_media
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.streams import fit, plan_tracks, probe_video
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia


@pytest.mark.parametrize(
    ("shown", "options", "wanted"),
    [
        ((1920, 1080), RenderOptions(), (1920, 1080)),
        ((3840, 2160), RenderOptions(), (1920, 1080)),
        ((1080, 1920), RenderOptions(), (1080, 1920)),
        ((1920, 1080), RenderOptions(aspect="9:16"), (1080, 1920)),
        ((1920, 1080), RenderOptions(aspect="1:1"), (1080, 1080)),
        ((320, 240), RenderOptions(aspect="16:9"), (426, 240)),
        ((3840, 1600), RenderOptions(), (1920, 800)),
        ((161, 121), RenderOptions(size="480p"), (160, 120)),
    ],
)
def test_frames_fit_the_size_and_the_aspect_ratio(
    shown: tuple[int, int], options: RenderOptions, wanted: tuple[int, int]
) -> None:
    assert fit(shown, options) == wanted


def test_frames_are_probed_as_they_are_stored(make_media: MakeMedia) -> None:
    """TESTSRC H264, and the same with -display_rotation 90 before it."""
    plain = make_media("plain.mp4", *TESTSRC, *H264)
    turned = make_media("turned.mp4", "-display_rotation", "90", "-i", plain, "-c", "copy")
    video, rotated = probe_video(plain), probe_video(turned)
    assert (video.width, video.height, video.codec, video.rotation) == (320, 180, "h264", 0)
    assert (rotated.width, rotated.height, rotated.rotation % 180) == (320, 180, 90)
    assert (video.shown, rotated.shown) == ((320, 180), (180, 320))
    assert not video.is_hdr
    assert not video.is_rgb


def test_aac_is_copied_and_other_audio_is_converted(make_media: MakeMedia) -> None:
    """TESTSRC SINE SINE H264 AAC, the second audio track in Opus."""
    maps = ("-map", "0", "-map", "1", "-map", "2", "-c:a:1", "libopus")
    path = make_media("two.mkv", *TESTSRC, *SINE, *SINE, *H264, *AAC, *maps)
    tracks = plan_tracks(path)
    assert [track.is_copied for track in tracks.audio] == [True, False]
    assert tracks.options()["c:a:1"] == "aac"
    assert tracks.notes == ("OPUS audio was converted to AAC for MP4 players",)
    assert open_media(path).has_audio


def test_aac_of_other_containers_is_not_called_another_codec(make_media: MakeMedia) -> None:
    """SINE -c:a aac, in ADTS"""
    tracks = plan_tracks(make_media("talk.aac", *SINE, *AAC))
    assert tracks.notes == ("AAC audio was encoded again, because MP4 stores it in another form",)
