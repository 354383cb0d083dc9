"""What has to hold before code is imported: the rules, the look at an environment, another one."""
