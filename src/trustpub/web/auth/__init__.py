"""What stands between a browser and the pages: where a request may come from, its cookie, and what an answer says beside."""
