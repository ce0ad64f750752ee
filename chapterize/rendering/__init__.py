"""What is made here of media and chapters: videos with titles, copies with the chapters inside."""
