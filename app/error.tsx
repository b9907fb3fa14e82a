'use client';

import { PageErrorView } from '@/components/shell/problem-views';

export default PageErrorView;
