// Light, dark, or what the system has. The choice is remembered by the browser.

const KEY = 'lastref-theme';

function remembered() {
  try {
    return localStorage.getItem(KEY) ?? 'system';
  } catch {
    return 'system'; // storage may be forbidden
  }
}

function apply(theme) {
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
}

export function setUp(select) {
  const theme = remembered();
  select.value = ['light', 'dark'].includes(theme) ? theme : 'system';
  apply(theme);
  select.addEventListener('change', () => {
    apply(select.value);
    try {
      localStorage.setItem(KEY, select.value);
    } catch {
      // it holds for this page then
    }
  });
}
