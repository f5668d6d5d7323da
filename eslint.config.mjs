import tseslint from 'typescript-eslint';

const effects = [
  { name: 'execa', message: 'Programs are started through the Runner port (src/ports/runner.ts).' },
  { name: 'inquirer', message: 'Questions are asked through the Terminal port (src/ports/terminal.ts).' },
  { name: 'node:child_process', message: 'Programs are started through the Runner port (src/ports/runner.ts).' },
  { name: 'node:fs', message: 'Files go through the Files port (src/ports/files.ts).' },
  { name: 'node:fs/promises', message: 'Files go through the Files port (src/ports/files.ts).' },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.ffops/', '**/.ffops/', 'test/golden/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/adapters/**', 'src/sandbox/**', 'src/cli/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: effects }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'cwd', message: 'The workspace comes from the ports.' },
        { object: 'process', property: 'env', message: 'Variables come from the ports.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/installed.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MetaProperty[meta.name="import"]',
          message: 'The build moves code: src/installed.ts knows where ffops lies.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'no-console': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
