"""Where shards run: in this process, in processes of this machine, or on other machines."""
