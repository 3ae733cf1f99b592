// Before anything is painted, so that a dark page never flashes white.
try {
  const theme = JSON.parse(localStorage.getItem('megatron.theme'));
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Then as the system has it.
}
