"""From files of the inbox to raw transcripts with known roles. Everything here lives in memory only."""
